using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;
using DeployOps.Tests.Host;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Manifest;

/// <summary>What an import brings, from where, and what it leaves alone.</summary>
[Collection(EngineCollection.Name)]
public sealed class ModuleImportTests
{
    private static readonly string Bin = Path.Combine(HostProcess.RepositoryRoot, "module", "bin");

    [Fact]
    public void The_manifest_is_valid()
    {
        using var engine = new EngineHost();

        var module = (PSModuleInfo)engine.Invoke("param($Path) Test-ModuleManifest $Path", ("Path", EngineHost.Manifest)).Clean().Single.BaseObject;

        module.Name.ShouldBe("DeployOps");
        module.ExportedCmdlets.ShouldNotBeEmpty();
        module.Description.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void The_module_is_the_one_of_this_checkout()
    {
        using var engine = new EngineHost();

        Module(engine).Location.ShouldBe(Path.Combine(Bin, "DeployOps.dll"));
        AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name == "DeployOps").ShouldHaveSingleItem();
    }

    [Fact]
    public void Every_command_is_exported_and_every_export_is_there()
    {
        using var engine = new EngineHost();
        var classes = Module(engine).GetExportedTypes().Where(type => type is { IsAbstract: false, IsClass: true } && type.Name.EndsWith("Command", StringComparison.Ordinal));

        var exported = engine.Invoke("Get-Command -Module DeployOps").Clean().Output.Select(command => (CmdletInfo)command.BaseObject).ToList();

        exported.Select(command => command.ImplementingType).ShouldBe(classes, ignoreOrder: true);
        exported.Select(command => command.Name).ShouldBe(Declared(engine), ignoreOrder: true);
    }

    [Fact]
    public void Every_cmdlet_has_an_approved_verb_one_output_type_and_its_class_is_called_after_it()
    {
        using var engine = new EngineHost();
        var approved = typeof(VerbsCommon).Assembly.GetExportedTypes()
            .Where(type => type.Name.StartsWith("Verbs", StringComparison.Ordinal))
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => (string)field.GetValue(null)!)
            .ToHashSet(StringComparer.Ordinal);

        foreach (var command in engine.Invoke("Get-Command -Module DeployOps").Clean().Output.Select(command => (CmdletInfo)command.BaseObject))
        {
            approved.ShouldContain(command.Verb);
            command.OutputType.ShouldHaveSingleItem().Type.ShouldNotBeNull(command.Name);
            command.ImplementingType.FullName.ShouldBe($"DeployOps.Commands.{command.Verb}{command.Noun}Command");
        }
    }

    [Fact]
    public void No_member_of_the_module_shows_a_type_of_a_package()
    {
        using var engine = new EngineHost();
        var allowed = new[] { "DeployOps", "DeployOps.Core", "System.Management.Automation" };

        var foreign = Module(engine).GetExportedTypes()
            .Concat(Core().GetExportedTypes())
            .SelectMany(type => type.GetProperties().Select(property => property.PropertyType).Append(type.BaseType ?? type))
            .Select(type => type.Assembly.GetName().Name!)
            .Where(name => !allowed.Contains(name) && !name.StartsWith("System.", StringComparison.Ordinal))
            .Distinct();

        foreign.ShouldBeEmpty();
    }

    [Fact]
    public void Core_is_loaded_once_beside_the_module()
    {
        using var engine = new EngineHost();
        using var plans = new PlanFolder();
        plans.Open(engine);

        Core().Location.ShouldBe(Path.Combine(Bin, "DeployOps.Core.dll"));
        AssemblyLoadContext.GetLoadContext(Core()).ShouldBe(AssemblyLoadContext.Default);
        File.Exists(Path.Combine(Bin, "deps", "DeployOps.Core.dll")).ShouldBeFalse();
    }

    [Fact]
    public void Adapters_live_in_a_context_of_their_own()
    {
        using var engine = new EngineHost();
        using var plans = new PlanFolder();
        plans.Open(engine);

        var adapters = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name == "DeployOps.Adapters").ToList();

        adapters.ShouldNotBeEmpty();
        adapters.ShouldAllBe(assembly => AssemblyLoadContext.GetLoadContext(assembly)!.Name == "DeployOps dependencies");
    }

    // In a process of its own: in this one other tests have used the module already.
    [Fact]
    public async Task An_import_loads_no_adapter_and_no_package()
    {
        using var folder = new ScriptFolder();
        var script = folder.Write("x.ps1", """
            Import-Module DeployOps
            $null = Get-Command -Module DeployOps
            $names = { [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.Location -like '*/module/bin/*' } | ForEach-Object { $_.GetName().Name } | ForEach-Object { $_ } }
            "imported: $(& $names)"
            $env:DEPLOYOPS_HOME = "$PSScriptRoot/home"
            Get-DeploymentWindow
            "used: $(& $names)"
            """);

        var result = await HostProcess.RunAsync(script);

        result.Error.ShouldBeEmpty();
        result.Lines[0].ShouldBe("imported: DeployOps DeployOps.Core");
        result.Lines[1].ShouldContain("DeployOps.Adapters");
        result.Lines[1].ShouldNotContain("Sqlite");
    }

    [Fact]
    public void Removed_and_imported_again_it_works()
    {
        using var engine = new EngineHost();
        using var plans = new PlanFolder();
        plans.Open(engine);

        var result = engine.Invoke("param($Path) Remove-Module DeployOps; Import-Module $Path; (Get-DeploymentWindow | Test-DeploymentLog).IsIntact", ("Path", EngineHost.Manifest));

        result.Clean().Single.ToString().ShouldBe("True");
    }

    [Fact]
    public void Two_sessions_in_one_process_do_not_take_the_module_from_each_other()
    {
        using var engine = new EngineHost();
        using var plans = new PlanFolder();
        plans.Open(engine);

        engine.Invoke("""
            param($Path)
            $other = [powershell]::Create([System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
            $null = $other.AddScript("Import-Module '$Path'; Remove-Module DeployOps").Invoke()
            $other.Dispose()
            """, ("Path", EngineHost.Manifest)).Clean();
        var result = engine.Invoke("(Get-DeploymentWindow | Add-DeploymentNote 'still here').Kind");

        result.Clean().Single.ToString().ShouldBe("Note");
    }

    private static Assembly Module(EngineHost engine) => ((CmdletInfo)engine.Invoke("Get-Command Invoke-Rollout").Clean().Single.BaseObject).ImplementingType.Assembly;

    private static Assembly Core() => AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name == "DeployOps.Core").ShouldHaveSingleItem();

    private static IEnumerable<string> Declared(EngineHost engine) =>
        ((PSModuleInfo)engine.Invoke("param($Path) Test-ModuleManifest $Path", ("Path", EngineHost.Manifest)).Clean().Single.BaseObject).ExportedCmdlets.Keys;
}
