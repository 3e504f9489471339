from api.models.api_key import ApiKey
from api.models.finished_call import FinishedCall
from api.models.spent_rate import SpentRate

__all__ = ["ApiKey", "FinishedCall", "SpentRate"]
