"""/api/v1/"""

from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularJSONAPIView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from crm.api.cases import CaseView
from crm.api.contacts import ContactView
from crm.api.customers import CustomerView
from crm.api.deals import ContractView, OpportunityView
from crm.api.files import FileView
from crm.api.interaction_templates import TemplateView
from crm.api.interactions import InteractionView
from crm.api.invitations import InvitationView
from crm.api.needs import NeedView
from crm.api.orders import OrderView
from crm.api.projects import ProjectView
from crm.api.satisfaction_index import IndexView
from crm.api.scores import ScoreView
from crm.api.search import SearchView
from crm.api.supply import SupplyShareView
from crm.api.usages import UsageView
from crm.api.users import UserView


class Nowhere(APIView):
    """Unknown addresses are answered in JSON too, and only for those who are logged in."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        raise NotFound

    post = put = patch = delete = get


router = SimpleRouter(trailing_slash=False)
router.register("customers", CustomerView, "customer")
router.register("contacts", ContactView, "contact")
router.register("projects", ProjectView, "project")
router.register("interactions", InteractionView, "interaction")
router.register("interaction-templates", TemplateView, "interaction-template")
router.register("files", FileView, "file")
router.register("needs", NeedView, "need")
router.register("contracts", ContractView, "contract")
router.register("opportunities", OpportunityView, "opportunity")
router.register("supply-shares", SupplyShareView, "supply-share")
router.register("orders", OrderView, "order")
router.register("activity-usages", UsageView, "usage")
router.register("scores", ScoreView, "score")
router.register("users", UserView, "user")
router.register("invitations", InvitationView, "invitation")
router.register("corrective-actions", CaseView, "corrective-action")
router.register("satisfaction-index", IndexView, "satisfaction-index")

urlpatterns = [
    *router.urls,
    path("search", SearchView.as_view(), name="api_search"),
    path("schema", SpectacularAPIView.as_view(), name="api_schema"),
    path("schema.json", SpectacularJSONAPIView.as_view(), name="api_schema_json"),
    re_path("", Nowhere.as_view(), name="api_nowhere"),
]
