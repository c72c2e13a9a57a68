"""Interim: being written; the finished module keeps this function."""


def code_range(code: str) -> tuple[str, str]:
    """Inclusive lowest and highest GB/T 2260 code of that division and all below it."""
    if code.endswith("0000"):
        return code, f"{code[:2]}9999"
    if code.endswith("00"):
        return code, f"{code[:4]}99"
    return code, code
