from shopops.access.field_classes import WORDS, Fields
from shopops.collaboration.models import Attachment, Comment

# What people write and how they name files may hold anything: it is read on the record, not in searches.
FIELD_CLASSES = [Fields(Comment, WORDS, ("text",)), Fields(Attachment, WORDS, ("name",))]
