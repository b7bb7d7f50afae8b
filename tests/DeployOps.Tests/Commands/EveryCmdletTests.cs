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
    public void Every_cmdlet(string name, string cell)
    {
        var cmdlet = CellTable.Cmdlets[name];
        var before = release.Fingerprint();

        Check(cmdlet, cell);

        if (!IsForReal(cmdlet, cell))
        {
            release.Fingerprint().ShouldBe(before);
        }
    }

    [Fact]
    public void The_table_covers_all_cmdlets()
    {
        var rows = CellTable.Rows();
        var cmdlets = rows.Select(row => row.Data.Item1).Distinct(StringComparer.Ordinal).Count();

        Console.WriteLine($"{rows.Count} cells over {cmdlets} cmdlets");
        cmdlets.ShouldBe(CellTable.Cmdlets.Count);
        rows.Count.ShouldBeGreaterThan(5 * cmdlets);
    }

    private void Check(CmdletUnderTest cmdlet, string cell)
    {
        switch (cell)
        {
            case Cells.ByValue:
                Run($"$Subject | {Harmless(cmdlet)}", release.SubjectOf(cmdlet)).Clean().Output.ShouldAllBe(output => cmdlet.OutputType.IsInstanceOfType(output.BaseObject));
                break;
            case Cells.ByProperty:
                var named = cmdlet.Named!.Name;
                var subject = cmdlet.Subject is null ? "shop*" : release.SubjectOf(cmdlet);
                Run($"[pscustomobject]@{{ {named} = $Subject }} | {Harmless(cmdlet)}", subject).Clean().Output.ShouldAllBe(output => cmdlet.OutputType.IsInstanceOfType(output.BaseObject));
                break;
            case Cells.WhatIf:
                CheckWhatIf(cmdlet);
                break;
            case Cells.ConfirmDenied:
                var asked = release.Host.Questions.Count;
                Run($"$Subject | {cmdlet.Line} -Confirm{Unfinished(cmdlet)}", Fresh(cmdlet)).Clean();
                release.Host.Questions.Count.ShouldBe(asked + 1);
                break;
            case Cells.OnlyPlanned:
                Run($"$Subject | {cmdlet.Line}", release.Planned).ErrorIds.ShouldBe([cmdlet.Id("WindowOnlyPlanned")]);
                break;
            case Cells.Null:
                Run($"{cmdlet.Line} -{cmdlet.Subject!.Name} $null", null).ErrorIds.ShouldBe([cmdlet.Id("ParameterArgumentValidationError")]);
                break;
            case Cells.MissingPlan:
                Run($"$Subject | {cmdlet.Line}", release.Plans.PathOf("nothing.psd1")).ErrorIds.ShouldBe([cmdlet.Id("PlanNotFound")]);
                break;
            case Cells.ErrorActionStop:
                CheckErrorActionStop(cmdlet);
                break;
            case Cells.DownstreamThrows:
                Run($"$Subject | {Emitting(cmdlet)} | ForEach-Object {{ throw 'downstream' }}", release.SubjectOf(cmdlet)).ErrorIds.ShouldBe(["downstream"]);
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

    private void CheckWhatIf(CmdletUnderTest cmdlet)
    {
        var subject = cmdlet.TakesWindow ? release.Planned : Fresh(cmdlet);

        var output = Run($"$Subject | {cmdlet.Line} -WhatIf{Unfinished(cmdlet)}", subject).Clean().Output;

        if (cmdlet.SaysPlanned)
        {
            output.ShouldHaveSingleItem().Properties["Outcome"].Value.ToString().ShouldBe("Planned");
        }
    }

    private void CheckErrorActionStop(CmdletUnderTest cmdlet)
    {
        var subject = cmdlet.TakesWindow ? release.Planned : release.Plans.PathOf("nothing.psd1");

        var result = Run($"try {{ $Subject | {cmdlet.Line} -ErrorAction Stop }} catch {{ $_.FullyQualifiedErrorId }}", subject);

        result.Clean().Single.ToString().ShouldBe(cmdlet.Id(cmdlet.TakesWindow ? "WindowOnlyPlanned" : "PlanNotFound"));
    }

    private void CheckCompletion(CmdletUnderTest cmdlet)
    {
        foreach (var parameter in cmdlet.Completed)
        {
            var offered = release.Engine.Complete($"{cmdlet.Name} -{parameter.Name} ");

            var known = CmdletUnderTest.EnumOf(parameter) is { } type ? Enum.GetNames(type)
                : parameter.Name == "Id" ? ["shop-2.4.0-1"]
                : ["Sqlite"];
            offered.ShouldBe(known, ignoreOrder: true);
        }
    }

    private void CheckTable(CmdletUnderTest cmdlet)
    {
        var shown = release.Host.Lines.Count;

        Run($"{(cmdlet.Subject is null ? "" : "$Subject | ")}{Emitting(cmdlet)} | Out-Default", cmdlet.Subject is null ? null : release.SubjectOf(cmdlet)).Clean();

        var line = release.Host.Lines.Skip(shown).FirstOrDefault(text => text.Trim().Length > 0 && text.All(sign => sign is '-' or ' '));
        line.ShouldNotBeNull(string.Join('\n', release.Host.Lines.Skip(shown)));
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBeInRange(2, 5);
    }

    // What could change something runs under -WhatIf.
    private static string Harmless(CmdletUnderTest cmdlet) => cmdlet.SupportsWhatIf ? $"{cmdlet.Line} -WhatIf" : cmdlet.Line;

    // Under -WhatIf a cmdlet may have nothing to emit, as where its output is the record it writes; these cells need an output.
    private string Emitting(CmdletUnderTest cmdlet) => IsForReal(cmdlet, Cells.Table) ? cmdlet.Line : Harmless(cmdlet);

    private bool IsForReal(CmdletUnderTest cmdlet, string cell) =>
        cell is Cells.Table or Cells.DownstreamThrows && cmdlet.SupportsWhatIf && Run($"$Subject | {Harmless(cmdlet)}", release.SubjectOf(cmdlet)).Output.Count == 0;

    // What opens a window gives an open one back without a question, so it gets a plan that has none.
    private object Fresh(CmdletUnderTest cmdlet) => cmdlet is { SaysPlanned: true, TakesWindow: false } ? release.FreshPlan : release.SubjectOf(cmdlet);

    private static string Unfinished(CmdletUnderTest cmdlet) => cmdlet.Parameters.Any(parameter => parameter.Name == "Deviation") ? " -Deviation 'a reason'" : "";

    private EngineResult Run(string script, object? subject) => release.Engine.Invoke($"param($Subject) {script}", ("Subject", subject));
}
