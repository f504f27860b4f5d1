"""The Python side of the extension: it only says where the front end lies, and carries the translations."""


def _jupyter_labextension_paths():
    return [{"src": "labextension", "dest": "jupyterlab-davit"}]
