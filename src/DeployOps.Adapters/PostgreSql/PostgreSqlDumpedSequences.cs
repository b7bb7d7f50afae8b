using System.Text.RegularExpressions;
using DeployOps.Backups;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Reads from a dump where its sequences stand. A sequence that somebody used while the database was dumped is neither where it was before nor where it is now.
/// </summary>
/// <param name="serverMajor">The server's major version.</param>
internal sealed class PostgreSqlDumpedSequences(int serverMajor)
{
    private static readonly Regex SetForm = new(@"pg_catalog\.setval\('(?<name>([^']|'')+)', (?<value>-?\d+), (?<called>true|false)\)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);
    private static readonly Regex EntryForm = new(@"^\d+; \d+ \d+ SEQUENCE SET ", RegexOptions.NonBacktracking);
    private static readonly Dictionary<string, string?> NoServer = new(StringComparer.Ordinal);

    /// <summary>The sequences as dumped; those that the dump does not tell of, as they are given.</summary>
    internal async Task<IReadOnlyList<SequenceFingerprint>> ReadAsync(string file, IReadOnlyList<SequenceFingerprint> known, CancellationToken cancellationToken)
    {
        var tool = await PostgreSqlTool.FindAsync("pg_restore", serverMajor, cancellationToken);
        var entries = new List<string>();
        await ReadAsync(tool, line => entries.AddRange(EntryForm.IsMatch(line) ? [line] : []), cancellationToken, "--list", file);
        var list = file + ".list";
        var dumped = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            await File.WriteAllLinesAsync(list, entries, cancellationToken);
            await ReadAsync(tool, line => Add(dumped, line), cancellationToken, $"--use-list={list}", "--file=-", file);
        }
        finally
        {
            File.Delete(list);
        }

        return [.. known.Select(sequence => sequence with { Value = dumped.GetValueOrDefault(sequence.Name, sequence.Value) })];
    }

    private static async Task ReadAsync(PostgreSqlTool tool, Action<string> line, CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        if (await tool.RunAsync(NoServer, line, cancellationToken, arguments) is { } refusal)
        {
            throw new IOException(refusal);
        }
    }

    private static void Add(Dictionary<string, string> dumped, string line)
    {
        if (SetForm.Match(line) is { Success: true } set)
        {
            dumped[set.Groups["name"].Value.Replace("''", "'", StringComparison.Ordinal)] = set.Groups["called"].Value == "true" ? set.Groups["value"].Value : "not called";
        }
    }
}
