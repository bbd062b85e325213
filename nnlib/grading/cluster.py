"""A Dask cluster to grade on, and whether what grades can lock answers in.

Dask trusts whoever reaches its scheduler: who can connect to it can run code on all its machines.
Answers run on the workers in the same isolation as here.
"""

from contextlib import contextmanager

from nnlib.errors import CourseError
from nnlib.trial import sandbox


@contextmanager
def client(address: str):
    """A client of the scheduler at that address, which has workers; else `CourseError`."""
    try:
        from distributed import Client  # an extra, which most do not have
    except ImportError:
        raise CourseError(
            "--scheduler needs Dask. Install it with: pip install 'nnlib[cluster]'"
        ) from None
    try:
        found = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise CourseError(f"No Dask scheduler answers at {address}: {error}") from None
    with found:
        try:
            found.wait_for_workers(1, timeout=60)
        except TimeoutError:
            raise CourseError(
                f"The Dask scheduler at {address} has no workers. Start some: dask worker {address}"
            ) from None
        yield found


def require_isolation(address: str | None) -> None:
    """Raise `CourseError` where answers would run without isolation, here or on the cluster."""
    if address is None:
        offers = {"this machine": sandbox.isolation()}
    else:
        with client(address) as found:
            offers = found.run(sandbox.isolation)
    open_ones = [where for where, offer in offers.items() if offer in sandbox.OPEN]
    if open_ones:
        raise CourseError(
            f"There is no full isolation on {', '.join(open_ones)}, and --require-isolation asks for"
            " it. Grade on Linux with libseccomp, or leave the option out if you trust the"
            " submissions."
        )
