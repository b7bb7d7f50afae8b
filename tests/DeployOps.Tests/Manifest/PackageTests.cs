using System.Diagnostics;
using System.Text.RegularExpressions;
using DeployOps.Tests.Host;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Manifest;

/// <summary>The package as it is copied to another machine: nothing of the checkout, and no SDK.</summary>
[Collection(EngineCollection.Name)]
public sealed class PackageTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deployops-package-");

    // PowerShell wants the folder to be called as the manifest's version.
    private string Package => Path.Combine(folder.FullName, "DeployOps", Regex.Match(File.ReadAllText(EngineHost.Manifest), "ModuleVersion *= *'([^']+)'").Groups[1].Value);

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task The_package_imports_in_an_empty_folder_and_works()
    {
        await MakeAsync();
        // The host lies within it as it lies within a checkout, and so finds the package's own manifest.
        Copy(Path.GetDirectoryName(HostProcess.HostAssembly)!, Path.Combine(Package, "host"));
        var script = Path.Combine(folder.FullName, "use.ps1");
        await File.WriteAllTextAsync(script, """
            $env:DEPLOYOPS_HOME = "$PSScriptRoot/home"
            "$((Get-Module DeployOps).ModuleBase)"
            "$(@(Get-Command -Module DeployOps).Count)"
            [System.IO.File]::WriteAllText("$PSScriptRoot/shop.db", '')
            [System.IO.Directory]::CreateDirectory("$PSScriptRoot/migrations") | Out-Null
            [System.IO.File]::WriteAllText("$PSScriptRoot/migrations/V1__orders.sql", 'CREATE TABLE orders (id INTEGER PRIMARY KEY);')
            "$((Invoke-DbMigration -Kind Sqlite -ConnectionString "Data Source=$PSScriptRoot/shop.db" -Path "$PSScriptRoot/migrations").Outcome)"
            "$((Get-Help Start-DeploymentWindow).Synopsis)"
            "$((Get-Help about_DeployOps_Plan).Length -gt 1000)"
            """, TestContext.Current.CancellationToken);

        var (code, said) = await RunAsync("dotnet", ["exec", Path.Combine(Package, "host", "DeployOps.Host.dll"), script], folder.FullName);

        code.ShouldBe(0, said);
        said.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            Package,
            EngineCommands().ToString(System.Globalization.CultureInfo.InvariantCulture),
            "Succeeded",
            "Opens a deployment window: plan approved, lock taken, roles filled, health checked, baseline captured, backups proven.",
            "True",
        ]);
    }

    [Fact]
    public async Task It_holds_what_the_manifest_names_and_native_files_of_the_supported_runtimes_only()
    {
        await MakeAsync();

        Directory.EnumerateFileSystemEntries(Package).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["CHANGELOG.md", "DeployOps.psd1", "LICENSE", "README.md", "en-US", "examples", "module"]);
        File.Exists(Path.Combine(Package, "examples", "systemd", "smoke", "storefront.hurl")).ShouldBeTrue();
        Directory.EnumerateDirectories(Path.Combine(Package, "module", "bin", "deps", "runtimes")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["linux-arm64", "linux-x64", "osx-arm64", "win-x64"]);
        Directory.EnumerateFiles(Package, "*.pdb", SearchOption.AllDirectories).ShouldBeEmpty();
        File.Exists(Path.Combine(Package, "module", "check-in.ps1")).ShouldBeTrue();
        File.Exists(Path.Combine(Package, "module", "DeployOps.Format.ps1xml")).ShouldBeTrue();
    }

    private static int EngineCommands()
    {
        using var engine = new EngineHost();
        return engine.Invoke("Get-Command -Module DeployOps").Clean().Output.Count;
    }

    private async Task MakeAsync()
    {
        // What is built is only copied: another build would write where the engine of this process has read.
        var project = Path.Combine(HostProcess.RepositoryRoot, "src", "DeployOps", "DeployOps.csproj");
        var configuration = HostProcess.HostAssembly.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var (code, said) = await RunAsync(
            "dotnet", ["build", project, "-t:Package", "-c", configuration, "--no-restore", "-p:BuildProjectReferences=false", $"-p:PackageFolder={Package}/", "-nodeReuse:false", "--nologo", "-v", "quiet"], HostProcess.RepositoryRoot);
        code.ShouldBe(0, said);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static async Task<(int Code, string Said)> RunAsync(string program, IReadOnlyList<string> arguments, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        return (process.ExitCode, output + await error);
    }
}
