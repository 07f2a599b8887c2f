"""How far somebody's roles reach: shown and set beside the person's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops.access.declare import access
from shopops.accounts import reach, reach_changes
from shopops.accounts.models import User
from shopops.accounts.reach_forms import ReachForm
from shopops.accounts.views import words_of
from shopops.errors import Refused
from shopops.ui.pages import saved


@access("accounts.change")
def person_reach(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a person's team, and whose rows and which channels each of their roles shows."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    held = list(person.userrole_set.select_related("role").order_by("role__position", "pk"))
    form = ReachForm(request.POST or None, person=person, held=held, channels=reach.channel_choices())
    back = reverse("accounts:person", kwargs={"pk": pk})
    if form.is_valid():
        try:
            given = form.cleaned_data
            asked = reach_changes.ask_for(
                pk, team=given["team"].strip(), reaches=form.reaches(), seen=given["seen"], by=request.user
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, words_of([asked] if asked else []), back)
    context = {
        "title": _("How far it reaches"),
        "person": person,
        "form": form,
        "lines": list(form.lines()),
        "back": back,
    }
    return render(request, "shopops/accounts/reach.html", context, status=422 if form.errors else 200)
