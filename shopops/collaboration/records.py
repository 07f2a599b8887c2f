from shopops.collaboration.models import Attachment, Comment
from shopops.ui.records import Part

OF_ANY_RECORD = [Comment]
PARTS = [Part(Attachment, Comment, "comment_id")]
