from gateway.app.principal import ADMIN
from gateway.routes.table import Forward

_READERS = ADMIN | {"customer_service", "quality", "manager"}

SURVEYS = [
    Forward("GET", "/v1/surveys", "notify.ListSurveys", "Satisfaction surveys with their answers", roles=_READERS),
    Forward(
        "POST",
        "/v1/cases/{case_id}/survey-answer",
        "notify.RecordSurveyAnswer",
        "Record what the customer said when called back",
        roles=ADMIN | {"customer_service"},
        status=201,
    ),
]
