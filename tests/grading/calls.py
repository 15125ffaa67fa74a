"""`diptych grade` in a test: called, and its errors."""

from diptych import cli


def says_so_in_one_line(status, errors, said):
    assert status == 2 and said in errors
    assert errors.startswith("diptych grade: ") and errors.count("\n") == 1


def called(capsys, *args):
    """Exit code and what the command says on stderr."""
    try:
        status = cli.main(["grade", *map(str, args)])
    except SystemExit as end:
        status = end.code
    return status, capsys.readouterr().err
