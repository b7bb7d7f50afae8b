using System.Management.Automation;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>One table over all exported cmdlets.</summary>
[Collection(EngineCollection.Name)]
public sealed class EveryCmdletTests(OpenRelease release) : IClassFixture<OpenRelease>
{
    public static TheoryData<string, string> Rows() => CellTable.Rows();

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Every_cmdlet(string name, string cell)
    {
        var cmdlet = CellTable.Cmdlets[name];
        var before = release.Release.Fingerprint();
        var seen = release.Release.Shop.Seen.Count;

        await CheckAsync(cmdlet, cell);

        release.Release.ShouldHaveLeftNothingBehind();
        release.Release.Shop.Seen.Skip(seen).ShouldAllBe(request => request.OnlyReads);
        if (!IsForReal(cmdlet, cell))
        {
            release.Release.Fingerprint().ShouldBe(before);
        }
    }

    [Fact]
    public void The_table_covers_all_cmdlets()
    {
        var rows = CellTable.Rows();
        var cmdlets = rows.Select(row => row.Data.Item1).Distinct(StringComparer.Ordinal).Count();

        Console.WriteLine($"{rows.Count} cells over {cmdlets} cmdlets");
        cmdlets.ShouldBe(CellTable.Cmdlets.Count);
        // A rule that computes a cell away from a cmdlet is seen here; where a cmdlet is added, these rise.
        rows.GroupBy(row => row.Data.Item2, StringComparer.Ordinal).ToDictionary(cell => cell.Key, cell => cell.Count(), StringComparer.Ordinal).ShouldBe(CellTable.Expected, ignoreOrder: true);
    }

    private async Task CheckAsync(CmdletUnderTest cmdlet, string cell)
    {
        switch (cell)
        {
            case Cells.ByValue:
                CheckOutput(cmdlet, Run(Emitting(cmdlet), release.SubjectOf(cmdlet)));
                break;
            case Cells.ByProperty:
                var named = cmdlet.Named!.Name;
                var subject = cmdlet.Subject is null ? "shop*" : release.SubjectOf(cmdlet);
                CheckOutput(cmdlet, Run($"[pscustomobject]@{{ {named} = $Subject }} | {EmittingLine(cmdlet)}", subject));
                break;
            case Cells.WhatIf:
                CheckPlanned(cmdlet, "-WhatIf", cmdlet.TakesWindow ? release.Planned : Fresh(cmdlet), questions: 0);
                break;
            case Cells.WhatIfOpen:
                CheckPlanned(cmdlet, "-WhatIf", release.Window, questions: 0);
                break;
            case Cells.ConfirmDenied:
                CheckPlanned(cmdlet, "-Confirm", Fresh(cmdlet), questions: 1);
                break;
            case Cells.ConfirmPlanned:
                var asked = release.Host.Questions.Count;
                Run($"$Subject | {cmdlet.Line} -Confirm", release.Planned).ErrorIds.ShouldBe([cmdlet.Refusal]);
                release.Host.Questions.Count.ShouldBe(asked);
                break;
            case Cells.OnlyPlanned:
                Run($"$Subject | {cmdlet.Line}", release.Planned).ErrorIds.ShouldBe([cmdlet.Refusal]);
                break;
            case Cells.Null:
                Run($"{cmdlet.Line} -{cmdlet.Subject!.Name} $null", null).ErrorIds.ShouldBe([cmdlet.Id("ParameterArgumentValidationError")]);
                break;
            case Cells.MissingFile:
                Run($"$Subject | {cmdlet.Line}", Missing(cmdlet)).ErrorIds.ShouldBe([cmdlet.Refusal]);
                break;
            case Cells.UnknownWindow:
                Run($"{cmdlet.Line} -{cmdlet.Named!.Name} $Subject", Missing(cmdlet)).ErrorIds.ShouldBe([cmdlet.Refusal]);
                break;
            case Cells.ErrorActionStop:
                CheckErrorActionStop(cmdlet);
                break;
            case Cells.Stop:
                await CheckStopAsync(cmdlet);
                break;
            case Cells.DownstreamThrows:
                Break(cmdlet, $"{Emitting(cmdlet)} | ForEach-Object {{ $Busy.Invoke(); throw 'downstream' }}").ErrorIds.ShouldBe(["downstream"]);
                break;
            case Cells.DownstreamBreaks:
                Break(cmdlet, $"foreach ($once in 1) {{ {Emitting(cmdlet)} | ForEach-Object {{ $Busy.Invoke(); break }} }}").Clean();
                break;
            case Cells.DownstreamHasEnough:
                Break(cmdlet, $"{Emitting(cmdlet)} | ForEach-Object {{ $Busy.Invoke(); $_ }} | Select-FirstProbe").Clean().Output.ShouldHaveSingleItem();
                break;
            case Cells.Completion:
                CheckCompletion(cmdlet);
                break;
            case Cells.Table:
                CheckTable(cmdlet);
                break;
            default:
                throw new ArgumentException($"No cell is called '{cell}'.");
        }
    }

    private static void CheckOutput(CmdletUnderTest cmdlet, EngineResult result)
    {
        var output = result.Clean().Output;

        output.ShouldNotBeEmpty();
        output.ShouldAllBe(one => cmdlet.OutputType.IsInstanceOfType(one.BaseObject));
    }

    private void CheckPlanned(CmdletUnderTest cmdlet, string how, object subject, int questions)
    {
        var asked = release.Host.Questions.Count;
        var shown = release.Host.Lines.Count;

        var output = Run($"$Subject | {cmdlet.Line} {how}{Unfinished(cmdlet)}", subject).Clean().Output;

        release.Host.Questions.Count.ShouldBe(asked + questions);
        var told = (questions > 0 ? release.Host.Questions.Skip(asked) : release.Host.Lines.Skip(shown).Where(line => line.StartsWith("What if:", StringComparison.Ordinal))).ToList();
        // Without words of its own the engine would name the command as what is done. A window that was only planned may have nothing to ask about, and its result says so.
        told.Count.ShouldBeInRange(cmdlet.SaysPlanned && subject == release.Planned ? 0 : 1, 1);
        told.ShouldAllBe(words => !words.Contains($"operation \"{cmdlet.Name}\"", StringComparison.Ordinal));
        if (cmdlet.SaysPlanned)
        {
            output.ShouldHaveSingleItem().Properties["Outcome"].Value.ToString().ShouldBe("Planned");
        }
        else if (cmdlet.TakesWindow)
        {
            // What emits the record that it writes has none; what emits its window gives it back as it was.
            output.Select(one => one.Properties["State"].Value.ToString()).ShouldBe(cmdlet.OutputType == cmdlet.Subject!.PropertyType ? [((PSObject)subject).Properties["State"].Value.ToString()] : []);
        }
        else
        {
            output.ShouldNotBeEmpty();
            output.ShouldAllBe(one => cmdlet.OutputType.IsInstanceOfType(one.BaseObject));
        }
    }

    private void CheckErrorActionStop(CmdletUnderTest cmdlet)
    {
        var command = cmdlet.NamesWindow ? $"{cmdlet.Line} -{cmdlet.Named!.Name} $Subject" : $"$Subject | {cmdlet.Line}";

        var result = Run($"try {{ {command} -ErrorAction Stop; 'went on' }} catch {{ $_.FullyQualifiedErrorId }}", Missing(cmdlet));

        result.Clean().Single.ToString().ShouldBe(cmdlet.Refusal);
    }

    // What is downstream breaks in the middle of the emit, when every cmdlet's worker is alive for sure.
    private EngineResult Break(CmdletUnderTest cmdlet, string script)
    {
        var alive = 0;
        Action busy = () =>
        {
            alive = WorkInFlight.Now().Count;
            BusyPool.Begin();
        };

        var result = release.Engine.Invoke($"param($Subject, $Busy) {script}", ("Subject", release.SubjectOf(cmdlet)), ("Busy", busy));

        WorkInFlight.Now().ShouldBeEmpty();
        alive.ShouldBeGreaterThan(0);
        return result;
    }

    private async Task CheckStopAsync(CmdletUnderTest cmdlet)
    {
        using var met = new ManualResetEventSlim();
        IReadOnlyList<string> left = [];

        var result = await release.Engine.InvokeAndStopAsync(
            $"param($Subject, $Met) {Emitting(cmdlet)} | ForEach-Object {{ $Met.Set(); while ($true) {{ [Threading.Thread]::Sleep(5) }} }}",
            async () =>
            {
                await Patience.UntilAsync(() => met.IsSet, $"the output of {cmdlet.Name}");
                WorkInFlight.Now().ShouldNotBeEmpty();
                BusyPool.Begin();
            },
            () => left = WorkInFlight.Now(),
            ("Subject", release.SubjectOf(cmdlet)),
            ("Met", met));

        result.Exception.ShouldBeOfType<PipelineStoppedException>();
        left.ShouldBeEmpty();
    }

    private void CheckCompletion(CmdletUnderTest cmdlet)
    {
        foreach (var parameter in cmdlet.Completed)
        {
            var offered = release.Engine.Complete($"{cmdlet.Name} -{parameter.Name} ");

            var known = CmdletUnderTest.EnumOf(parameter) is { } type ? Enum.GetNames(type)
                : parameter.Name == "Id" ? ["shop-2.4.0-1"]
                : parameter.Name == "Team" ? ["@{ Monitor = '' }", "@{ Communicator = '' }"]
                : ["Sqlite", "PostgreSql", "MariaDb"];
            offered.ShouldBe(known, ignoreOrder: true);
        }
    }

    private void CheckTable(CmdletUnderTest cmdlet)
    {
        var shown = release.Host.Lines.Count;

        Run($"{Emitting(cmdlet)} | Out-Default", release.SubjectOf(cmdlet)).Clean();

        var line = release.Host.Lines.Skip(shown).FirstOrDefault(text => text.Trim().Length > 0 && text.All(sign => sign is '-' or ' '));
        line.ShouldNotBeNull(string.Join('\n', release.Host.Lines.Skip(shown)));
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBeInRange(2, 5);
    }

    // What could change something runs under -WhatIf.
    private static string Harmless(CmdletUnderTest cmdlet) => cmdlet.SupportsWhatIf ? $"{cmdlet.Line} -WhatIf{Unfinished(cmdlet)}" : cmdlet.Line;

    // Under -WhatIf a cmdlet may have nothing to emit, as where its output is the record it writes; these cells need an output.
    private string Emitting(CmdletUnderTest cmdlet) => $"{(cmdlet.Subject is null ? "" : "$Subject | ")}{EmittingLine(cmdlet)}";

    private string EmittingLine(CmdletUnderTest cmdlet) => EmitsOnlyForReal(cmdlet) ? cmdlet.Line : Harmless(cmdlet);

    private bool IsForReal(CmdletUnderTest cmdlet, string cell) =>
        cell is Cells.ByValue or Cells.ByProperty or Cells.Table or Cells.Stop or Cells.DownstreamThrows or Cells.DownstreamBreaks or Cells.DownstreamHasEnough && EmitsOnlyForReal(cmdlet);

    private bool EmitsOnlyForReal(CmdletUnderTest cmdlet) => release.EmitsOnlyForReal.GetOrAdd(
        cmdlet.Name, _ => cmdlet.SupportsWhatIf && Run($"$Subject | {Harmless(cmdlet)}", release.SubjectOf(cmdlet)).Output.Count == 0);

    // What opens a window gives an open one back without a question, so it gets a plan that has none.
    private object Fresh(CmdletUnderTest cmdlet) => cmdlet is { SaysPlanned: true, TakesPlan: true } ? release.FreshPlan : release.SubjectOf(cmdlet);

    // What is not there to be worked on.
    private object Missing(CmdletUnderTest cmdlet) => cmdlet switch
    {
        { TakesWindow: true } => release.Planned,
        { NamesWindow: true } => "shop-9.9.9-1",
        _ => release.Release.Plans.PathOf("nothing.psd1"),
    };

    private static string Unfinished(CmdletUnderTest cmdlet) => cmdlet.Parameters.Any(parameter => parameter.Name == "Deviation") ? " -Deviation 'a reason'" : "";

    private EngineResult Run(string script, object? subject) => release.Engine.Invoke($"param($Subject) {script}", ("Subject", subject));
}
