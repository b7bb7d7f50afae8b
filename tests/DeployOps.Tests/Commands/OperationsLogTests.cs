using System.Text.Json.Nodes;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>What the commands tell the operations log of a home.</summary>
[Collection(EngineCollection.Name)]
public sealed class OperationsLogTests : IDisposable
{
    private readonly EngineHost _engine = new();
    private readonly PlanFolder _plans = new();

    public void Dispose()
    {
        _plans.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void Each_command_of_a_release_tells_its_begin_and_end_with_the_window()
    {
        _plans.Open(_engine);
        _engine.Invoke("Get-DeploymentWindow -Open | Invoke-Rollout").Clean();

        var lines = Lines();
        var rollout = lines.Where(line => Text(line, "Command") == "Invoke-Rollout").ToList();
        Text(rollout[0], "What").ShouldBe("began");
        Text(rollout[^1], "What").ShouldBe("ended");
        rollout[^1]["ElapsedMs"]!.GetValue<double>().ShouldBeGreaterThan(0);
        rollout.ShouldAllBe(line => Text(line, "Window") == "shop-2.4.0-1");
        rollout.Select(line => Text(line, "Run")).Distinct().Count().ShouldBe(1);
        lines.Select(line => Text(line, "Command")).ShouldContain("Approve-DeploymentPlan");
        lines.Where(line => Text(line, "Command") == "Start-DeploymentWindow").Select(line => Text(line, "Window")).ShouldContain("shop-2.4.0-1");
    }

    [Fact]
    public void What_only_plans_reads_or_is_denied_leaves_no_line()
    {
        _plans.Open(_engine);
        var before = File.ReadAllText(Log());

        _engine.Invoke("Get-DeploymentWindow -Open | Invoke-Rollout -WhatIf; Get-DeploymentWindow | Get-DeploymentLog; $WhatIfPreference = $true; 'x' | Get-DeploymentWindow").Exception.ShouldBeNull();
        _engine.Invoke("Get-DeploymentWindow -Open | Complete-DeploymentWindow -WhatIf -Deviation 'none'").Exception.ShouldBeNull();

        File.ReadAllText(Log()).ShouldBe(before);
    }

    [Fact]
    public void Why_a_command_failed_is_told_by_id_also_before_anything_began()
    {
        var result = _engine.Invoke("param($Plan) Start-DeploymentWindow $Plan", ("Plan", _plans.Plan));

        result.ErrorIds.ShouldHaveSingleItem();
        var last = Lines()[^1];
        Text(last, "ErrorId").ShouldBe(result.ErrorIds[0].Split(',')[0]);
        Text(last, "@l").ShouldBe("Error");
        Text(last, "What").ShouldStartWith("failed: ");
    }

    [Fact]
    public void The_verbose_stream_tells_the_same()
    {
        _plans.Open(_engine);

        var said = _engine.Invoke("(Get-DeploymentWindow -Open | Invoke-Rollout -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }).Message").Clean();

        var texts = said.Output.Select(line => line.ToString()).ToList();
        // Of a consent the engine has its own words.
        texts[1] = "shop-2.4.0-1: the plan has no rollout";
        texts.ShouldBe(Lines().Where(line => Text(line, "Command") == "Invoke-Rollout").Select(line => Text(line, "What")));
    }

    [Fact]
    public void A_failure_is_told_on_the_verbose_stream_too()
    {
        var said = _engine.Invoke("param($Plan) try { Start-DeploymentWindow $Plan -Verbose 4>&1 } catch { }", ("Plan", _plans.Plan));

        said.Output[^1].ToString().ShouldStartWith("failed: ");
        said.Output[^1].ToString().ShouldBe(Text(Lines()[^1], "What"));
    }

    [Fact]
    public void No_secret_comes_into_it()
    {
        _plans.Open(_engine);

        var said = _engine.Invoke("Get-DeploymentWindow -Open | Add-DeploymentNote 'the client was started with Password=hunter2hunter2' -Verbose 4>&1").Clean();

        string.Join('\n', said.Output).ShouldNotContain("hunter2");
        File.ReadAllText(Log()).ShouldNotContain("hunter2");
        Lines().Select(line => Text(line, "What")).ShouldContain(what => what!.Contains("the client was started with Password=***", StringComparison.Ordinal));
    }

    [Fact]
    public void A_log_that_cannot_be_written_is_one_warning_and_stops_nothing()
    {
        _plans.Open(_engine);
        File.Delete(Log());
        Directory.CreateDirectory(Log());

        var result = _engine.Invoke("Get-DeploymentWindow -Open | Invoke-Rollout").Clean();

        result.Text("Outcome").ShouldBe("Succeeded");
        result.Warnings.Where(warning => warning.Contains("operations log", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldStartWith("The operations log is not written: ");
    }

    private string Log() => Path.Combine(_engine.Home, $"operations-{DateTime.UtcNow:yyyyMMdd}.jsonl");

    private List<JsonObject> Lines() => [.. Directory.GetFiles(_engine.Home, "operations-*.jsonl").SelectMany(File.ReadAllLines).Select(line => JsonNode.Parse(line)!.AsObject())];

    private static string? Text(JsonObject line, string name) => line[name]?.GetValue<string>();
}
