"""The consolidation aggregate: the host that the log belongs to, and the migration's state."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate
from domain.consolidation import errors
from domain.consolidation.events import (
    ColumnsChosen,
    CopiesDeclared,
    CutOver,
    FingerprintAccepted,
    HostAdopted,
    Retired,
    RolledBack,
    SnapshotRestored,
    Verified,
    ZoneChosen,
)
from domain.consolidation.values import (
    ColumnChoices,
    ConsolidationState,
    LegacyDigest,
    Mappings,
    Purpose,
    Scope,
    Tables,
)
from domain.events import Actor
from domain.messages import Message, remedy

CONSOLIDATION_ID = UUID("3c1a6a9e-6a58-5d0c-9d0e-5b0f8d3f7c11")
"""The only consolidation of a log. A constant, so that it is found without a lookup."""

DEFAULT_OFFSET = 10**12
SMALL_KEY_OFFSET = 10**9
"""For hosts whose keys are 32-bit integers."""
DECLARED_AT_ONCE = 10_000
"""The most pairs of ids in one event."""


class Consolidation(Aggregate):
    """The consolidation of one host. A log has one host; another host needs another log.

    Its states are planned, imported, verified and cut over. A cut-over can be rolled back and
    repeated any number of times. It ends when it is retired, which needs a cut-over.
    """

    def __init__(self, id: UUID = CONSOLIDATION_ID) -> None:
        super().__init__(id)
        self.host_id: UUID | None = None
        self.id_offset = DEFAULT_OFFSET
        self.fingerprints: list[str] = []
        self.columns: ColumnChoices | None = None
        """The current choice; None before the first, and in logs of versions without choices."""
        self.zone: str | None = None
        """The zone of the host's naive times; None likewise."""
        self.same_rows: dict[int, int] = {}
        """The legacy ids of declared copies, by their ids in the host's consolidated table."""
        self.different_rows: set[int] = set()
        """The ids of the rows there that were declared to be no copies."""
        self.state = ConsolidationState.PLANNED
        self.verification: Verified | None = None
        """The last one, equal or not."""
        self.cut_over_event: CutOver | None = None
        """The last one, if it is in force."""
        self.choice: ColumnsChosen | ZoneChosen | None = None
        """The last event that changed how the host is read."""
        self.legacy_rows_since: datetime | None = None
        """When the current cut-over was recorded; None if there is none."""

    @property
    def scope(self) -> Scope:
        """Which rows the consolidated tables must contain."""
        in_force = self.state in (ConsolidationState.CUT_OVER, ConsolidationState.RETIRED)
        return Scope.ALL if in_force else Scope.NATIVE

    def adopt(self, *, host_id: UUID, fingerprint: str, id_offset: int, actor: Actor) -> None:
        """Bind the log to this host permanently."""
        if self.host_id is not None:
            raise errors.HostAlreadyAdopted(self.host_id)
        self.record(
            HostAdopted,
            host_id=host_id,
            fingerprint=fingerprint,
            id_offset=id_offset,
            actor=actor,
        )

    def refuse_another_host(self, fingerprint: str) -> None:
        """Raise `AnotherHost` unless this fingerprint is known."""
        if fingerprint not in self.fingerprints:
            raise errors.AnotherHost(self.fingerprints[-1], fingerprint)

    def accept_fingerprint(self, fingerprint: str, *, actor: Actor, reason: str) -> None:
        """Record that somebody confirmed this as the same host, rebuilt or moved."""
        if fingerprint not in self.fingerprints:
            self.record(FingerprintAccepted, fingerprint=fingerprint, actor=actor, reason=reason)

    def choose_columns(
        self, columns: ColumnChoices, *, actor: Actor, reason: str | None = None
    ) -> None:
        """Record which host column fills which target column, if that has changed."""
        if columns != self.columns:
            self.record(ColumnsChosen, columns=columns, actor=actor, reason=reason)

    def choose_zone(self, zone: str, *, actor: Actor, reason: str | None = None) -> None:
        """Record the zone of the host's naive times. To change it later needs a reason."""
        if zone == self.zone:
            return
        if self.zone is not None and not (reason or "").strip():
            raise errors.ReasonMissing("Correcting the time zone")
        self.record(ZoneChosen, zone=zone, actor=actor, reason=reason)

    def refuse_another_zone(self, zone: str) -> None:
        """Raise `AnotherZone` if the host's times were read in another zone than this one."""
        if self.zone is not None and zone != self.zone:
            raise errors.AnotherZone(self.zone, zone)

    def declare_copies(
        self, pairs: Sequence[tuple[int, int]], *, same: bool, actor: Actor, reason: str | None
    ) -> None:
        """Record that these rows of the host's tables are the same restores, or are not."""
        if not (reason or "").strip():
            raise errors.ReasonMissing("Declaring whether rows are the same")
        for start in range(0, len(pairs), DECLARED_AT_ONCE):
            some = tuple(pairs[start : start + DECLARED_AT_ONCE])
            self.record(CopiesDeclared, same=same, pairs=some, actor=actor, reason=reason)

    def certify(
        self,
        *,
        purpose: Purpose,
        equal: bool,
        certificate: str,
        log_position: int,
        chain_head: str,
        mappings: Mappings,
        tables: Tables,
        host_tables: Tables,
        quarantined: int,
        actor: Actor,
        reason: str | None = None,
    ) -> None:
        """Record that a certificate was issued, whatever its result."""
        self.record(
            Verified,
            purpose=purpose,
            equal=equal,
            certificate=certificate,
            log_position=log_position,
            chain_head=chain_head,
            mappings=mappings,
            tables=tables,
            host_tables=host_tables,
            quarantined=quarantined,
            actor=actor,
            reason=reason,
        )

    def why_not_current(self, mappings: Mappings, last_host_row: int) -> str:
        """Why the last verification is missing or out of date; empty if it is current.

        `mappings` are the current ones; `last_host_row` is the position of the last event that
        contains a host's row. Other events do not make a verification out of date.
        """
        last = self.verification
        if last is None:
            return "it was never verified with a certificate"
        if not last.equal:
            return f"the last verification, at position {last.log_position}, found differences"
        if last.mappings != mappings:
            return "a mapping has changed since it was verified"
        if last_host_row > last.log_position:
            return (
                f"a host's row was imported at position {last_host_row}, and the last "
                f"verification is of position {last.log_position}"
            )
        return ""

    def refuse_cut_over(self) -> None:
        """Raise `IllegalStep` if the state does not allow a cut-over."""
        match self.state:
            case ConsolidationState.CUT_OVER:
                instead = Message(
                    "There is nothing left to do. To roll it back: ", remedy("roll_back")
                )
            case ConsolidationState.RETIRED:
                instead = Message("The migration is over.")
            case _:
                return
        raise errors.IllegalStep("cut over", self.state, instead)

    def cut_over(
        self,
        *,
        mappings: Mappings,
        last_host_row: int,
        snapshot: str,
        quarantined: int,
        accepted_quarantined: int | None,
        actor: Actor,
        reason: str | None = None,
    ) -> None:
        """Record that the tables with the legacy rows are in place, as last verified."""
        self.refuse_cut_over()
        why = self.why_not_current(mappings, last_host_row)
        if why or self.verification is None:
            raise errors.NotVerified("cut over", why)
        self.refuse_quarantine(quarantined, accepted_quarantined, reason)
        self.record(
            CutOver,
            certificate=self.verification.certificate,
            snapshot=snapshot,
            mappings=mappings,
            accepted_quarantined=accepted_quarantined or 0,
            actor=actor,
            reason=reason,
            causation=self.verification.event_id,
        )

    @staticmethod
    def refuse_quarantine(quarantined: int, accepted: int | None, reason: str | None) -> None:
        """Raise unless exactly the number of quarantined rows was accepted, with a reason."""
        if quarantined != (accepted or 0):
            raise errors.QuarantineNotAccepted(quarantined, accepted)
        Consolidation.refuse_acceptance(accepted, reason)

    @staticmethod
    def refuse_acceptance(accepted: int | None, reason: str | None) -> None:
        """Raise `ReasonMissing` if any number of rows is accepted without a reason."""
        if accepted and not (reason or "").strip():
            raise errors.ReasonMissing("Accepting quarantined rows")

    def refuse_roll_back(self) -> None:
        """Raise `IllegalStep` unless there is a cut-over to roll back."""
        if self.state is ConsolidationState.RETIRED:
            raise errors.IllegalStep("rolled back", self.state, "The migration is over.")
        if self.state is not ConsolidationState.CUT_OVER:
            raise errors.IllegalStep("rolled back", self.state, "There is nothing to roll back.")

    def roll_back(self, *, unrepresentable: int, actor: Actor, reason: str | None) -> None:
        """Record that the tables without the legacy rows are in place again."""
        self.refuse_roll_back()
        self.record(RolledBack, unrepresentable=unrepresentable, actor=actor, reason=reason)

    def restore_snapshot(
        self, *, snapshot: str, scope: str, actor: Actor, reason: str | None
    ) -> None:
        """Record that the tables of a snapshot are in place again."""
        if self.state is ConsolidationState.RETIRED:
            raise errors.IllegalStep("taken back", self.state, "The migration is over.")
        self.record(SnapshotRestored, snapshot=snapshot, scope=scope, actor=actor, reason=reason)

    def refuse_retirement(self, reason: str | None) -> None:
        """Raise unless there is a cut-over to make final, and a reason."""
        if self.state is ConsolidationState.RETIRED:
            raise errors.IllegalStep("retired", self.state, "The migration is over.")
        if self.state is not ConsolidationState.CUT_OVER:
            raise errors.IllegalStep("retired", self.state, "It has to be cut over first.")
        if not (reason or "").strip():
            raise errors.ReasonMissing("Ending the migration")

    def retire(
        self,
        *,
        mappings: Mappings,
        last_host_row: int,
        legacy: dict[str, LegacyDigest],
        actor: Actor,
        reason: str,
    ) -> None:
        """Record the end. The last verification covers what the legacy tables held."""
        self.refuse_retirement(reason)
        why = self.why_not_current(mappings, last_host_row)
        if why or self.verification is None:
            raise errors.NotVerified("retired", why)
        self.record(
            Retired,
            certificate=self.verification.certificate,
            legacy=legacy,
            actor=actor,
            reason=reason,
            causation=self.verification.event_id,
        )

    def when(self, event: Any) -> None:
        match event:
            case HostAdopted():
                self.host_id = event.host_id
                self.id_offset = event.id_offset
                self.fingerprints = [event.fingerprint]
                # Which of its rows are in the log is known from their own events.
                self.state = ConsolidationState.IMPORTED
            case FingerprintAccepted():
                self.fingerprints = [*self.fingerprints, event.fingerprint]
            case ColumnsChosen():
                self.choice, self.columns = event, event.columns
            case ZoneChosen():
                self.choice, self.zone = event, event.zone
            case CopiesDeclared():
                for legacy, copy in event.pairs:
                    if event.same:
                        self.same_rows[copy] = legacy
                        self.different_rows.discard(copy)
                    else:
                        self.same_rows.pop(copy, None)
                        self.different_rows.add(copy)
            case Verified():
                self.verification = event
                if self.state in (
                    ConsolidationState.PLANNED,
                    ConsolidationState.IMPORTED,
                    ConsolidationState.VERIFIED,
                ):
                    self.state = (
                        ConsolidationState.VERIFIED if event.equal else ConsolidationState.IMPORTED
                    )
            case CutOver():
                self.state, self.cut_over_event = ConsolidationState.CUT_OVER, event
                self.legacy_rows_since = self.legacy_rows_since or event.recorded_at
            case RolledBack():
                self._give_legacy_rows_back()
            case SnapshotRestored():
                # Legacy rows can only have been saved while a cut-over was in effect.
                if event.scope == Scope.ALL:
                    self.state = ConsolidationState.CUT_OVER
                    self.legacy_rows_since = self.legacy_rows_since or event.recorded_at
                else:
                    self._give_legacy_rows_back()
            case Retired():
                self.state = ConsolidationState.RETIRED

    def _give_legacy_rows_back(self) -> None:
        self.state, self.cut_over_event = ConsolidationState.ROLLED_BACK, None
        self.legacy_rows_since = None
