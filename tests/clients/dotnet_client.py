"""HttpClient of .NET: dotnet_client.py [ROOT] URL. Without ROOT that of the package dotnetcore2."""
import json
import os
import pathlib
import sys
import tempfile

import clr_loader
import pythonnet

os.environ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1"
if len(sys.argv) > 2:
    root = pathlib.Path(sys.argv[1])
else:
    import dotnetcore2

    root = pathlib.Path(dotnetcore2.__file__).parent / "bin"
version = next(root.glob("shared/Microsoft.NETCore.App/*")).name
with tempfile.NamedTemporaryFile("w", suffix=".runtimeconfig.json") as config:
    json.dump({"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": version}}}, config)
    config.flush()
    pythonnet.set_runtime(clr_loader.get_coreclr(runtime_config=config.name, dotnet_root=str(root)))
    import clr
clr.AddReference("System.Net.Http")
from System.Net.Http import HttpClient

try:
    print(HttpClient().GetAsync(sys.argv[-1]).Result.StatusCode, flush=True)
except Exception as error:
    while error is not None:
        print(type(error).__name__, getattr(error, "Message", error), flush=True)
        error = getattr(error, "InnerException", None)
    os._exit(1)
