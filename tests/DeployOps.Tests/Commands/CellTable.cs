using System.Management.Automation;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>Every exported cmdlet against every cell that its attributes make applicable. There is no list of exceptions.</summary>
internal static class CellTable
{
    private static readonly Dictionary<string, Func<CmdletUnderTest, bool>> Rules = new(StringComparer.Ordinal)
    {
        [Cells.ByValue] = cmdlet => cmdlet.Subject is not null,
        [Cells.ByProperty] = cmdlet => cmdlet.Named is not null,
        [Cells.WhatIf] = cmdlet => cmdlet.SupportsWhatIf,
        [Cells.WhatIfOpen] = cmdlet => cmdlet is { SupportsWhatIf: true, TakesWindow: true },
        [Cells.ConfirmDenied] = cmdlet => cmdlet.SupportsWhatIf,
        [Cells.ConfirmPlanned] = cmdlet => cmdlet is { SupportsWhatIf: true, TakesWindow: true },
        [Cells.OnlyPlanned] = cmdlet => cmdlet.TakesWindow,
        [Cells.Null] = cmdlet => cmdlet.Subject is not null,
        [Cells.MissingFile] = cmdlet => cmdlet.TakesPlan || cmdlet.TakesBackup || cmdlet.TakesScripts,
        [Cells.UnknownWindow] = cmdlet => cmdlet.NamesWindow,
        [Cells.ErrorActionStop] = _ => true,
        [Cells.Stop] = _ => true,
        [Cells.DownstreamThrows] = _ => true,
        [Cells.DownstreamBreaks] = _ => true,
        [Cells.DownstreamHasEnough] = _ => true,
        [Cells.Completion] = cmdlet => cmdlet.Completed.Count > 0,
        [Cells.Table] = _ => true,
    };

    /// <summary>How many cmdlets each cell applies to.</summary>
    public static IReadOnlyDictionary<string, int> Expected { get; } = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        [Cells.ByValue] = 24,
        [Cells.ByProperty] = 24,
        [Cells.WhatIf] = 19,
        [Cells.WhatIfOpen] = 13,
        [Cells.ConfirmDenied] = 19,
        [Cells.ConfirmPlanned] = 13,
        [Cells.OnlyPlanned] = 16,
        [Cells.Null] = 24,
        [Cells.MissingFile] = 7,
        [Cells.UnknownWindow] = 1,
        [Cells.ErrorActionStop] = 25,
        [Cells.Stop] = 25,
        [Cells.DownstreamThrows] = 25,
        [Cells.DownstreamBreaks] = 25,
        [Cells.DownstreamHasEnough] = 25,
        [Cells.Completion] = 12,
        [Cells.Table] = 25,
    };

    private static readonly Lazy<IReadOnlyDictionary<string, CmdletUnderTest>> All = new(Load);

    /// <summary>The cmdlets by name.</summary>
    public static IReadOnlyDictionary<string, CmdletUnderTest> Cmdlets => All.Value;

    /// <summary>The rows: a cmdlet and a cell.</summary>
    public static TheoryData<string, string> Rows()
    {
        var rows = new TheoryData<string, string>();
        foreach (var (cell, applies) in Rules)
        {
            foreach (var cmdlet in Cmdlets.Values.Where(applies))
            {
                rows.Add(cmdlet.Name, cell);
            }
        }

        return rows;
    }

    private static IReadOnlyDictionary<string, CmdletUnderTest> Load()
    {
        using var engine = new EngineHost();
        return engine.Invoke("Get-Command -Module DeployOps").Clean().Output
            .Select(command => new CmdletUnderTest((CmdletInfo)command.BaseObject))
            .ToDictionary(cmdlet => cmdlet.Name, StringComparer.Ordinal);
    }
}
