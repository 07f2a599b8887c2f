from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.accounts.models import User
from shopops.ui.tables import Cell, Column, Table
from shopops.words import listed


class PeopleTable(Table):
    full_name = Column(gettext_lazy("Name"), link=True, fixed=True, second="username", phone=1, code=True)
    department = Column(gettext_lazy("Department"), phone=3)
    roles = Column(gettext_lazy("Roles"), phone=4)
    email = Column(gettext_lazy("E-mail"), hidden=True, code=True)
    state = Column(gettext_lazy("State"), phone=2)
    last_login = Column(gettext_lazy("Last log-in"), format="moment")

    def url(self, row: User) -> str:
        return reverse("accounts:person", kwargs={"pk": row.pk})

    def show_roles(self, row: User) -> Cell:
        return Cell(listed(str(role) for role in row.roles.all()) or "–")

    def show_state(self, row: User) -> Cell:
        return Cell(_("Active"), badge="active") if row.is_active else Cell(_("Switched off"), badge="inactive")
