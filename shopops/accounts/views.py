"""People and roles: who has a log-in, what each role may do."""

from typing import Any, ClassVar, Final

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.access.declare import PUBLIC, access
from shopops.accounts import invitations, person_changes, reach, role_changes, services
from shopops.accounts.forms import NewPersonForm, PasswordForm, PersonForm
from shopops.accounts.models import Role, User
from shopops.accounts.recent import confirm_first, recently_authenticated, require_recent_login
from shopops.accounts.tables import PeopleTable
from shopops.approvals.models import Approval
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.history.versions import Conflict, seen
from shopops.ui.editing import bound, conflict_page
from shopops.ui.filters import Choice, Tab
from shopops.ui.pages import ListPage, form_page, saved, side_of
from shopops.ui.timeline import column_words

SET_BY: Final = ("full_name", "email", "department_id", "team", "is_active")  # columns the page says who set
GUARDS: Final = frozenset({"email", "roles", "is_active"})  # fields on which a log-in depends


class PeopleList(ListPage):
    permission = "accounts.view"
    table = PeopleTable
    title = gettext_lazy("People")
    order = ("username", "id")
    search_label = gettext_lazy("Name or user name")
    tabs: ClassVar = [
        Tab("", gettext_lazy("Active"), lambda people: people.filter(is_active=True)),
        Tab("off", gettext_lazy("Switched off"), lambda people: people.filter(is_active=False)),
    ]
    filters: ClassVar = [
        Choice(
            "role",
            gettext_lazy("Role"),
            lookup="roles__code",
            choices=lambda: [(r.code, r) for r in Role.objects.order_by("position")],
        ),
    ]

    def get_queryset(self) -> QuerySet[User]:
        people: QuerySet[User] = (
            User.objects.visible_to(self.request.user).select_related("department").prefetch_related("roles")
        )
        return people

    def search(self, queryset: QuerySet[User], text: str) -> QuerySet[User]:
        return queryset.filter(Q(full_name__icontains=text) | Q(username__icontains=text))

    def actions(self) -> list[dict[str, object]]:
        if not self.request.user.has_perm("accounts.change"):
            return []
        return [{"label": _("New person"), "url": reverse("accounts:new"), "icon": "plus", "primary": True}]


@access("accounts.change")
@require_recent_login
def new(request: HttpRequest) -> HttpResponse:
    """Create a log-in without a password and show the one-time link that sets it."""
    form = NewPersonForm(request.POST or None)
    if form.is_valid():
        try:
            user, asked = _create(form.cleaned_data, request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _link_page(request, user, asked)
    return form_page(request, form, title=_("New person"), back=reverse("accounts:people"))


def _create(fields: dict[str, Any], by: User) -> tuple[User, Approval | None]:
    """Make the log-in without roles, and ask for these."""
    roles = list(fields["roles"])
    department = fields["department"] or next((role.department for role in roles), None)
    with acting(by):
        user = services.create_user(
            username=fields["username"],
            full_name=fields["full_name"],
            email=fields["email"],
            department=department.code if department else None,
            role_codes=[],
            password=services.new_password(),
            by=by,
        )
        return user, role_changes.ask_for(user, roles, by=by)


@access("accounts.view", methods=("GET",))
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a log-in with its history; those who may change it find the form here."""
    user, version = seen(User.objects.visible_to(request.user).filter(pk=pk), links=services.ROLES_OF)
    if user is None:
        raise Http404
    context = _person(request, user)
    if request.user.has_perm("accounts.change"):
        context["reach_url"] = reverse("accounts:person_reach", kwargs={"pk": pk})
        context["form"] = PersonForm(instance=user, initial={"roles": context["roles"], "version": version})
    return render(request, "shopops/accounts/person.html", context)


@access("accounts.change", methods=("POST",))
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a log-in; a refused form is shown again with what was typed."""
    user, version = seen(User.objects.filter(pk=pk), links=services.ROLES_OF)
    if user is None:
        raise Http404
    title, back = str(user), reverse("accounts:person", kwargs={"pk": pk})
    start = {"roles": list(user.roles.all()), "version": version}
    form = bound(request, lambda data: PersonForm(data, instance=user, initial=start))
    if form.is_valid():
        if GUARDS & set(form.changed_data) and not recently_authenticated(request):
            return confirm_first(request)
        try:
            asked = person_changes.change(pk, **form.values(), version=form.cleaned_data["version"], by=request.user)
        except Conflict as conflict:
            return conflict_page(request, conflict, title=title, back=back)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, words_of(asked), back)
    reach_url = reverse("accounts:person_reach", kwargs={"pk": pk})
    context = _person(request, User.objects.get(pk=pk)) | {"form": form, "reach_url": reach_url}
    return render(request, "shopops/accounts/person.html", context, status=422)


def words_of(asked: list[Approval]) -> str:
    """Say what became of a person's change: saved, asked, or decided alone."""
    if not asked:
        return _("Saved.")
    if any(item.state == Approval.State.OPEN for item in asked):
        return _("Saved. What gives more rights holds when another person has agreed.")
    return _("Saved. Nobody else could decide on the rights: they have changed, and this is listed as decided alone.")


def _person(request: HttpRequest, user: User) -> dict[str, object]:
    roles = list(user.roles.all())
    may_see_files = request.user.has_perm("exports.view")
    return {
        "files_url": f"{reverse('exchange:exports')}?who={user.pk}" if may_see_files else "",
        "waiting": person_changes.waiting(user),
        "set_by": [(column, column_words(User._meta.db_table, column)) for column in SET_BY],
        "title": str(user),
        "person": user,
        "roles": roles,
        "reach": reach.words_of(user),
        "side": side_of(request, user),
    }


@access("accounts.change", methods=("POST",))
@require_recent_login
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new one-time link for somebody who forgot their password."""
    return _link_page(request, get_object_or_404(User, pk=pk, is_active=True))


def _link_page(request: HttpRequest, user: User, asked: Approval | None = None) -> HttpResponse:
    waits = asked is not None and asked.state == Approval.State.OPEN
    context = {"title": _("One-time link"), "person": user, "link": invitations.link_for(user), "waits": waits}
    return render(request, "shopops/accounts/link.html", context)


@access(PUBLIC)
def welcome(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Let somebody who holds a one-time link set their password."""
    user = invitations.invited(uid, token)
    if user is None:
        raise Http404
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        try:
            invitations.set_password(user, form.cleaned_data["password"])
        except Refused as refusal:
            form.add_error("password", str(refusal))
        else:
            return redirect("account_login")
    status = 422 if form.is_bound else 200
    return render(request, "shopops/accounts/welcome.html", {"form": form, "person": user}, status=status)
