"""The records of certification: companies, verification bodies and their vocabulary, and the statements that join them."""

from .companies import Company, CompanyName, Product
from .imports import HeadMeaning, SheetImport
from .notes import CompanyNote
from .statements import RegisterStatus, StatementPolicy, Validity, VerificationStatement
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
    "CompanyName",
    "CompanyNote",
    "EvidenceKind",
    "HeadMeaning",
    "Product",
    "Programme",
    "RegisterStatus",
    "SheetImport",
    "Standard",
    "StatementPolicy",
    "StatementType",
    "Validity",
    "ValidityRule",
    "VerificationBody",
    "VerificationStatement",
]
