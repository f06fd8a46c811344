"""What scripts import, held against what the image installs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mlopsgen.diagnostics import Diagnostic, Severity
from mlopsgen.plan.steps import Image
from mlopsgen.targets.pins import project_of

_DISTRIBUTIONS: Mapping[str, tuple[str, ...]] = {
    "attr": ("attrs",),
    "bs4": ("beautifulsoup4",),
    "catboost": ("catboost",),
    "Crypto": ("pycryptodome",),
    "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
    "dateutil": ("python-dateutil",),
    "docx": ("python-docx",),
    "dotenv": ("python-dotenv",),
    "faiss": ("faiss-cpu", "faiss-gpu"),
    "fitz": ("pymupdf",),
    "git": ("gitpython",),
    "grpc": ("grpcio",),
    "imblearn": ("imbalanced-learn",),
    "jose": ("python-jose",),
    "jwt": ("pyjwt",),
    "Levenshtein": ("levenshtein", "python-levenshtein"),
    "mlflow": ("mlflow", "mlflow-skinny"),
    "mpl_toolkits": ("matplotlib",),
    "MySQLdb": ("mysqlclient",),
    "OpenSSL": ("pyopenssl",),
    "PIL": ("pillow",),
    "pkg_resources": ("setuptools",),
    "psycopg2": ("psycopg2", "psycopg2-binary"),
    "pylab": ("matplotlib",),
    "pwiz": ("peewee",),
    "pythoncom": ("pywin32",),
    "serial": ("pyserial",),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn",),
    "sksurv": ("scikit-survival",),
    "slugify": ("python-slugify",),
    "snowflake": ("snowflake-connector-python", "snowflake-snowpark-python"),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-gpu"),
    "umap": ("umap-learn",),
    "usb": ("pyusb",),
    "xgboost": ("xgboost", "xgboost-cpu"),
    "yaml": ("pyyaml",),
    "zmq": ("pyzmq",),
}
"""Module → the distributions that bring it, where the two are not called alike."""

_LEARN = ("joblib", "numpy", "scipy", "threadpoolctl")
_REQUEST = ("certifi", "charset-normalizer", "idna", "urllib3")
_DRAWN = ("contourpy", "cycler", "fonttools", "kiwisolver", "numpy", "packaging", "pillow", "pyparsing")
_HUB = ("filelock", "fsspec", "huggingface-hub", "numpy", "packaging", "pyyaml", "requests", "tqdm", *_REQUEST)

_BRINGS: Mapping[str, tuple[str, ...]] = {
    "boto3": ("botocore", "jmespath", "python-dateutil", "s3transfer", "urllib3"),
    "catboost": ("graphviz", "numpy", "pandas", "plotly", "scipy"),
    "datasets": ("dill", "multiprocess", "pandas", "pyarrow", "xxhash", *_HUB),
    "fairlearn": ("pandas", "scikit-learn"),
    "imbalanced-learn": ("scikit-learn",),
    "keras": ("h5py", "ml-dtypes", "numpy", "optree", "rich"),
    "lightgbm": ("numpy", "scipy"),
    "lightning": ("numpy", "pyyaml", "pytorch-lightning", "torch", "torchmetrics", "tqdm"),
    "matplotlib": _DRAWN,
    "mlflow": ("mlflow-skinny", "matplotlib", "pandas", "pyarrow", "scikit-learn", "sqlalchemy", "requests", "pyyaml"),
    "mlflow-skinny": ("click", "cloudpickle", "gitpython", "packaging", "protobuf", "pydantic", "pyyaml", "requests"),
    "optuna": ("alembic", "colorlog", "numpy", "packaging", "pyyaml", "sqlalchemy", "tqdm"),
    "pandas": ("numpy", "python-dateutil", "pytz", "six", "tzdata"),
    "pandera": ("packaging", "pandas", "pydantic", "typeguard", "typing-extensions", "typing-inspect"),
    "pytorch-lightning": ("numpy", "pyyaml", "torch", "torchmetrics", "tqdm"),
    "requests": _REQUEST,
    "scikit-learn": _LEARN,
    "scipy": ("numpy",),
    "seaborn": ("matplotlib", "numpy", "pandas"),
    "sentence-transformers": ("transformers", "torch", "scikit-learn", "pillow", *_HUB),
    "shap": ("cloudpickle", "numba", "numpy", "pandas", "scikit-learn", "slicer", "tqdm"),
    "skops": ("huggingface-hub", "packaging", "prettytable", "scikit-learn"),
    "statsmodels": ("numpy", "packaging", "pandas", "patsy", "scipy"),
    "tensorflow": ("absl-py", "grpcio", "h5py", "keras", "numpy", "protobuf", "requests", "tensorboard", "wrapt"),
    "torch": ("filelock", "fsspec", "jinja2", "networkx", "numpy", "sympy", "typing-extensions"),
    "torchvision": ("numpy", "pillow", "torch"),
    "transformers": ("regex", "safetensors", "tokenizers", *_HUB),
    "xgboost": ("numpy", "scipy"),
    "xgboost-cpu": ("numpy", "scipy"),
}
"""Distribution → what it brings along that scripts import, too."""

_SPACES = ("azure", "google", "opentelemetry", "ruamel", "zope")
"""Modules that many distributions share."""


def lacking(image: Image, lines: Sequence[str], locked: Sequence[str]) -> Iterator[Diagnostic]:
    """A warning for each module that nothing in the image is known to bring."""
    if any("://" in line and "@" not in line.split("://")[0] for line in lines):
        return  # an address says no names
    there = _brought(map(project_of, (*lines, *locked)))
    known: set[str] = set()
    for module, span in image.imports.items():
        top = module.split(".")[0]
        distributions = _DISTRIBUTIONS.get(top, (top.lower().replace("_", "-"),))
        if top in known or there & set(distributions) or _in_a_space(top, there) or _installed(top, there):
            continue
        known.add(top)
        message = f"`{top}` is imported, and no requirement of the image brings it"
        where = "write a requirements.txt beside the code" if not image.written else "add it to the requirements"
        hint = f"{where}, with a line `{distributions[0]}`; or import it under `try: … except ImportError`"
        yield Diagnostic("MG318", message, ("code", "requirements"), hint, severity=Severity.WARNING).at(span)


def _brought(projects: Iterable[str]) -> set[str]:
    """These distributions, and what is known to come with them."""
    todo, there = list(projects), {"pip", "setuptools", "mlopsgen-runtime"}
    while todo:
        project = todo.pop()
        if project not in there:
            there.add(project)
            todo += _BRINGS.get(project, ())
    return there


def _in_a_space(top: str, there: Iterable[str]) -> bool:
    """Whether some distribution of a shared name is there, or one that is called like the module with more to it."""
    begins = (f"{top.lower()}-",)
    ends = (f"-{top.lower()}", f"py{top.lower()}")
    return any(name.startswith(begins) if top in _SPACES else name.endswith(ends) for name in there)


def _installed(top: str, there: set[str]) -> bool:
    """Whether the Python at hand knows the module as part of what is there, or of what that brings."""
    from importlib.metadata import PackageNotFoundError, packages_distributions, requires

    owners = {project_of(name) for name in packages_distributions().get(top, ())}
    todo, seen = list(there), set(there)
    while todo:
        try:
            listed = requires(todo.pop()) or []
        except PackageNotFoundError:
            continue
        more = {project_of(line) for line in listed if "extra ==" not in line} - seen
        seen |= more
        todo += more
    return bool(owners & seen)
