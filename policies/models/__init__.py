"""Policies and what they say: issuing bodies, documents, key points, targets, incentives, links; and their topics."""

from .figures import Incentive, Target
from .links import PolicyLink
from .policies import (
    DOCUMENT_NUMBER,
    ContentType,
    Form,
    KeyPoint,
    Level,
    Policy,
    PolicyDocument,
    PolicyIssuer,
    Stage,
)
from .vocabulary import IssuingBody, IssuingBodyAlias, Topic

__all__ = [
    "DOCUMENT_NUMBER",
    "ContentType",
    "Form",
    "Incentive",
    "IssuingBody",
    "IssuingBodyAlias",
    "KeyPoint",
    "Level",
    "Policy",
    "PolicyDocument",
    "PolicyIssuer",
    "PolicyLink",
    "Stage",
    "Target",
    "Topic",
]
