from products.orders.models import Order
from products.shipments.models import Shipment
from shopops.ui.records import Part

PARTS = [Part(Shipment, Order, "order_id")]
