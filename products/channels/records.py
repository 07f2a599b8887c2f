from products.channels.models import Channel
from shopops.ui.records import RecordKind

RECORDS = [RecordKind(Channel, "channels:channel", "channels.view")]
