"""HttpClient of the .NET that the package dotnetcore2 brings along."""
import json
import os
import pathlib
import sys
import tempfile

import clr_loader
import dotnetcore2
import pythonnet

os.environ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1"
with tempfile.NamedTemporaryFile("w", suffix=".runtimeconfig.json") as config:
    json.dump({"runtimeOptions": {"tfm": "netcoreapp3.1", "framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"}}}, config)
    config.flush()
    root = pathlib.Path(dotnetcore2.__file__).parent / "bin"
    pythonnet.set_runtime(clr_loader.get_coreclr(runtime_config=config.name, dotnet_root=str(root)))
    import clr
clr.AddReference("System.Net.Http")
from System.Net.Http import HttpClient

try:
    print(HttpClient().GetAsync(sys.argv[1]).Result.StatusCode, flush=True)
except Exception as error:
    while error is not None:
        print(type(error).__name__, getattr(error, "Message", error), flush=True)
        error = getattr(error, "InnerException", None)
    os._exit(1)
