"""The comparison of the log with the file of an earlier anchor."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from api.console.access import for_readers
from api.console.integrity import refuse_unless_verifier
from api.remedies import on_page
from domain.errors import RestoreLogError
from infrastructure.documents.keys import signer
from infrastructure.event_store.anchor import Anchor, anchor_in, anchor_mismatch
from infrastructure.event_store.log import Log
from infrastructure.printable import printable

LONGEST = 10_000
"""Bytes of a file that are read: an anchor has some 500."""
NAME = 100
"""Characters of a file's name that are said."""


@never_cache
@require_POST
@login_required
def check_anchor(request: HttpRequest) -> HttpResponse:
    """Say on the page of integrity whether the log has grown from the anchor in the file."""
    for_readers(request)
    refuse_unless_verifier(request)
    file = request.FILES.get("anchor")
    if not isinstance(file, UploadedFile):
        messages.error(request, "Nothing was compared: choose the file of an anchor.")
        return redirect("integrity")
    try:
        anchor = anchor_in(file.read(LONGEST), printable(file.name or "")[:NAME], signer().public)
    except RestoreLogError as error:
        messages.error(request, error.message.said(on_page))
    else:
        _compare(request, anchor)
    return redirect("integrity")


def _compare(request: HttpRequest, anchor: Anchor) -> None:
    log = Log()
    wrong = anchor_mismatch(anchor, log)
    if wrong is not None:
        told = f"This is not the log that was anchored: at position {wrong.position:,} "
        messages.error(request, f"{told}{wrong.problem}. Compare the log with a backup of it.")
        return
    since = log.head().position - anchor.position
    messages.success(
        request,
        f"The log has grown from where {printable(anchor.issued_by)} anchored it at "
        f"{anchor.issued_at}: position {anchor.position:,}. Events since then: {since:,}.",
    )
