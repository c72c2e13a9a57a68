"""Bring your sheet: a spreadsheet of statements read, checked row by row and written in one go.

`guard` and `unpack` read a file that nobody trusts; `heads` tells what its columns mean; `rows` makes a statement of a row;
`staging` keeps what is to be written; `intake` is the whole way, asked by `tasks` (the pages) and `import_statements`.
"""
