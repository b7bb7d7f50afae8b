using DeployOps.Tests.Host;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Pipeline;

/// <summary>The example to be filled in: its plan is a plan, and its deploy script does to units what it says.</summary>
[Collection(EngineCollection.Name)]
public sealed class SystemdExampleTests : IDisposable
{
    private const string Unit = "shop@green-1.service";

    private readonly DeployScript _script = new();
    private readonly string? _pathBefore = Environment.GetEnvironmentVariable("PATH");
    private readonly string _text;

    public SystemdExampleTests()
    {
        foreach (var folder in new[] { "bin", "run", "releases/2.3.0", "releases/2.4.0" })
        {
            Directory.CreateDirectory(_script.PathOf(folder));
        }

        // What stands for systemd writes down what it is told, and keeps in a file whether the unit is active.
        var control = _script.Write("bin/systemctl", """
            #!/bin/sh
            root=$(dirname "$0")/..
            echo "$@" >>"$root/calls"
            case "$1" in
                is-active) [ -e "$root/active" ] || exit 3 ;;
                enable) : >"$root/active" ;;
                stop|disable) rm -f "$root/active" ;;
            esac
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(control, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Environment.SetEnvironmentVariable("PATH", $"{_script.PathOf("bin")}:{_pathBefore}");
        _text = File.ReadAllText(Example("deploy-instance.ps1")).Replace("'/srv/shop'", "$PSScriptRoot", StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _pathBefore);
        _script.Dispose();
    }

    [Fact]
    public async Task A_version_is_started_once_and_none_stops_it()
    {
        await _script.RunAsync(_text);
        var first = Calls();
        await _script.RunAsync(_text);
        var again = Calls();
        await _script.RunAsync(_text, version: "2.3.0");
        var back = Calls();
        var served = Served();
        await _script.RunAsync(_text, version: "none");

        first.ShouldBe([$"is-active --quiet {Unit}", $"stop {Unit}", $"enable --now {Unit}"]);
        again.ShouldBe([$"is-active --quiet {Unit}"]);
        back.ShouldBe(first);
        served.ShouldBe(_script.PathOf("releases/2.3.0"));
        Calls().ShouldBe([$"disable --now {Unit}"]);
    }

    [Fact]
    public async Task A_run_that_was_killed_before_the_start_starts()
    {
        await _script.RunAsync(_text);
        File.Delete(_script.PathOf("active"));
        Calls();

        await _script.RunAsync(_text);

        Calls().ShouldContain($"enable --now {Unit}");
        Served().ShouldBe(_script.PathOf("releases/2.4.0"));
    }

    [Fact]
    public async Task A_release_that_is_not_there_stops_nothing()
    {
        Directory.Delete(_script.PathOf("releases/2.4.0"));

        var (id, message) = await _script.FailAsync(_text);

        id.ShouldBe("DeployScriptFailed");
        message.ShouldContain("Release 2.4.0 is not on this machine");
        Calls().ShouldBeEmpty();
    }

    [Fact]
    public void The_plan_to_be_filled_in_has_no_mistake_and_its_script_calls_what_is_there()
    {
        using var engine = new EngineHost();

        var test = engine.Invoke("param($Plan) Test-DeploymentPlan $Plan", ("Plan", Example("plan.psd1"))).Clean();

        test.Text("IsValid").ShouldBe("True");
        ((IEnumerable<object>)test.Single.Properties["Warnings"].Value).ShouldBeEmpty();
        ((IEnumerable<string>)test.Single.Properties["Files"].Value).ShouldBe(
            ["deploy-instance.ps1", "migrations/U2_4_0_1__add_orders_status.sql", "migrations/V2_4_0_1__add_orders_status.sql", "plan.psd1", "release.ps1", "smoke/storefront.hurl"], ignoreOrder: true);
    }

    private static string Example(string name) => Path.Combine(HostProcess.RepositoryRoot, "examples", "systemd", name);

    private string? Served() => Directory.ResolveLinkTarget(_script.PathOf("run/green-1"), returnFinalTarget: true)?.FullName;

    private string[] Calls()
    {
        var file = _script.PathOf("calls");
        string[] calls = File.Exists(file) ? File.ReadAllLines(file) : [];
        File.Delete(file);
        return calls;
    }
}
