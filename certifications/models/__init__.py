"""The records of certification: companies, verification bodies and their vocabulary, and the statements that join them."""

from .companies import Company, CompanyName, Product
from .conflicts import Conflict, NotTheSame
from .imports import HeadMeaning, SheetImport
from .links import CompanyPolicy, StatementPolicy
from .memberships import ListStage, Tier
from .merges import CompanyMerge
from .notes import CompanyNote
from .statements import VerificationStatement
from .validity import RegisterStatus, Validity
from .vocabulary import (
    BodyAccreditation,
    BodyAlias,
    EvidenceKind,
    Programme,
    Standard,
    StatementType,
    ValidityRule,
    VerificationBody,
)

__all__ = [
    "BodyAccreditation",
    "BodyAlias",
    "Company",
    "CompanyMerge",
    "CompanyName",
    "CompanyNote",
    "CompanyPolicy",
    "Conflict",
    "EvidenceKind",
    "HeadMeaning",
    "ListStage",
    "NotTheSame",
    "Product",
    "Programme",
    "RegisterStatus",
    "SheetImport",
    "Standard",
    "StatementPolicy",
    "StatementType",
    "Tier",
    "Validity",
    "ValidityRule",
    "VerificationBody",
    "VerificationStatement",
]
