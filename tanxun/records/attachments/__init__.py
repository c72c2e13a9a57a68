"""Scans and documents that belong to a record: what is kept of them, how they come in and how they are kept whole.

`models`: the link to a record and the stored file; `kinds`: what may come in, by its content; `storing`: from the wire to
the disk; `keeping`: what goes in the end and what is wrong. Pages and addresses stand in `tanxun.listing.attachments`.
"""
