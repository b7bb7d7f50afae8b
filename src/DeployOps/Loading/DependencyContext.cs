using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace DeployOps.Loading;

/// <summary>
/// Loads adapters and packages from <c>deps/</c> beside the module, apart from whatever versions other modules loaded. What is not there comes
/// from the engine's own context, Core among it, so that its types are the same on both sides.
/// </summary>
internal sealed class DependencyContext(string folder) : AssemblyLoadContext("DeployOps dependencies")
{
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(folder, $"{assemblyName.Name}.dll");
        return assemblyName.Name != CoreName && File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
    {
        var native = Path.Combine(folder, "runtimes", Rid(), "native");
        string[] names = [unmanagedDllName, $"lib{unmanagedDllName}.so", $"lib{unmanagedDllName}.dylib", $"{unmanagedDllName}.dll"];
        var path = names.Select(name => Path.Combine(native, name)).FirstOrDefault(File.Exists);

        return path is null ? IntPtr.Zero : LoadUnmanagedDllFromPath(path);
    }

    private static string CoreName => typeof(DeployOpsException).Assembly.GetName().Name!;

    private static string Rid()
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }
}
