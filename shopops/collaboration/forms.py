from django import forms
from django.utils.translation import gettext_lazy as _

from shopops.collaboration.services import LONGEST


class CommentForm(forms.Form):
    """The words of a comment; files stand beside it in the request."""

    text = forms.CharField(
        label=_("Comment"), required=False, max_length=LONGEST, strip=True, widget=forms.Textarea(attrs={"rows": 3})
    )
