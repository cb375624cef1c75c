"""The consolidation plan from its first step to the last line of its acceptance criteria."""

from pathlib import Path

import pytest

from tests.acceptance.plan_execution import PlanExecution
from tests.client.postgresql import PostgreSQL
from tests.client.registered import share_a_spool
from tests.host_migration.conftest import make_stage
from tests.support import postgres


@pytest.mark.parametrize("host_vendor", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", ["plan", "origin"])
def test_the_plan_is_executed_and_its_acceptance_criteria_are_met(
    database: str,
    empty_host: str,
    name: str,
    host_vendor: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    share_a_spool(tmp_path, monkeypatch)
    PostgreSQL(postgres.server().url).log_in(monkeypatch)
    plan = PlanExecution(make_stage(database, empty_host, name, tmp_path, rows=60), tmp_path)

    # Risk 1: Data Loss
    plan.create_full_database_backup_before_migration()
    plan.test_migration_in_development_first()
    # Step 1: Enhance Target Model, and Step 2: Create Data Migration
    plan.create_migration_file()
    plan.copy_all_records_from_database_management_to_system_backups()
    plan.map_restore_method_to_trigger_type()
    plan.verify_data_integrity()
    plan.test_rollback_procedure()
    # Step 3: Update All References
    plan.find_all_imports_and_update_them()

    # Acceptance Criteria
    plan.target_model_has_all_necessary_fields()
    plan.all_data_migrated_successfully_0_data_loss()
    plan.all_references_updated()
    plan.all_tests_passing()
    plan.django_check_0_errors()
    plan.restore_functionality_works()
    plan.documentation_updated()
    plan.old_model_marked_as_deprecated_not_deleted_yet()
    plan.clean_up()
