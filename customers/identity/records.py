from customers.identity.models import Customer, Identity, Merge
from shopops.ui.records import Part, RecordKind

RECORDS = [RecordKind(Customer, "value:customer", "identity.view")]
PARTS = [Part(Identity, Customer, "customer_id"), Part(Merge, Customer, "kept_id")]
