using System.Globalization;
using System.Text.RegularExpressions;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Validations;

/// <summary>
/// Reads a file of validation queries. Each query begins with <c>-- verify: name</c>, then perhaps <c>-- expect: …</c>, <c>-- when: pre,post</c>, <c>-- on: replica</c>, <c>-- severity: warn</c> and
/// <c>-- timeout: 2min</c>, then one statement. Of the last four some may stand on one line, and <c>deployops:</c> before any.
/// A file without a header is one query of which nothing but running is expected. Where a string, a comment or a statement ends is for the dialect to say.
/// </summary>
public static class ValidationFile
{
    private static readonly Regex HeaderForm = new(@"^--\s*(deployops\s*:\s*)?(?<key>[A-Za-z][A-Za-z0-9_-]*)\s*:(?!//)\s*(?<value>.*?)\s*$", RegexOptions.ExplicitCapture);

    // "-- when: pre,post   severity: warn   timeout: 30s": what says how a query is asked takes little room.
    private static readonly Regex NextForm = new(@"\s(?<key>severity|timeout|when|on)\s*:", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);

    private static readonly Regex TimeForm = new("^(?<number>[0-9]{1,6})\\s*(?<unit>ms|s|min)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase);

    /// <summary>Reads the <c>*.sql</c> files of a folder on disk, by name.</summary>
    /// <exception cref="DeployOpsException"><c>SqlFolderMissing</c> and those of <see cref="Parse"/>.</exception>
    public static async Task<IReadOnlyList<ValidationQuery>> LoadFolderAsync(string folder, SqlDialect dialect, CancellationToken cancellationToken)
    {
        var files = await SqlFile.ReadFolderAsync(folder, cancellationToken);
        return [.. files.SelectMany(file => Parse(file, dialect, name => Beside(folder, name)))];
    }

    /// <summary>Reads the queries of one file, in order.</summary>
    /// <param name="file">The file.</param>
    /// <param name="dialect">Where a string, a comment or a statement ends.</param>
    /// <param name="beside">The bytes of a file by its name relative to this one's folder, null where there is none. Default: there are none.</param>
    /// <exception cref="DeployOpsException"><c>ValidationFileInvalid</c> with file and line: an unknown header or expectation, a header without a query, two statements under one header, what cannot be cut into statements, or a table that is not there.</exception>
    public static IReadOnlyList<ValidationQuery> Parse(SqlFile file, SqlDialect dialect = SqlDialect.Sqlite, Func<string, ReadOnlyMemory<byte>?>? beside = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        var text = SqlText.TryDecode(file.Content.Span) ?? throw Invalid(file.Name, 1, "not UTF-8 text");
        var tokens = SqlLexer.Read(text, dialect).ToList();
        var starts = tokens.FindAll(token => Header(token, text) is { Key: "verify" });
        if (starts.Count == 0)
        {
            RefuseHeaders(file.Name, text, tokens);
            return [Query(file.Name, text, 0, text.Length, tokens, dialect, beside)];
        }

        var stray = tokens.Find(token => !token.IsComment && token.Offset < starts[0].Offset);
        if (stray.Text is not null)
        {
            throw Invalid(file.Name, stray.Line, "a statement stands before the first '-- verify:'");
        }

        RefuseHeaders(file.Name, text, tokens.Where(token => token.Offset < starts[0].Offset));
        var ends = starts.Skip(1).Select(token => token.Offset).Append(text.Length);
        var queries = starts.Zip(ends, (start, end) => Query(file.Name, text, start.Offset, end, tokens, dialect, beside)).ToList();
        RefuseSameNames(file.Name, queries);

        return queries;
    }

    private static ValidationQuery Query(string file, string text, int start, int end, List<SqlToken> all, SqlDialect dialect, Func<string, ReadOnlyMemory<byte>?>? beside)
    {
        var tokens = all.FindAll(token => token.Offset >= start && token.Offset < end);
        var header = tokens.TakeWhile(token => token.IsComment).ToList();
        var name = Path.GetFileNameWithoutExtension(file);
        ValidationExpectation? expectation = null;
        bool? warns = null;
        TimeSpan? timeout = null;
        ValidationMoments? when = null;
        bool? onReplica = null;
        foreach (var (comment, one) in header.SelectMany(comment => Headers(comment, text).Select(one => (comment, one))))
        {
            switch (one)
            {
                case { Key: "verify", Value: var value }:
                    name = value.Length > 0 ? value : throw Invalid(file, comment.Line, "'-- verify:' needs a name");
                    break;
                case { Key: "expect", Value: var value }:
                    expectation = expectation is null ? Expectation(file, comment.Line, value) : throw Invalid(file, comment.Line, "a second '-- expect:' for one query");
                    break;
                case { Key: "severity", Value: var value }:
                    warns = warns is null ? Warns(file, comment.Line, value) : throw Invalid(file, comment.Line, "a second '-- severity:' for one query");
                    break;
                case { Key: "timeout", Value: var value }:
                    timeout = timeout is null ? Time(file, comment.Line, value) : throw Invalid(file, comment.Line, "a second '-- timeout:' for one query");
                    break;
                case { Key: "when", Value: var value }:
                    when = when is null ? Moments(file, comment.Line, value) : throw Invalid(file, comment.Line, "a second '-- when:' for one query");
                    break;
                case { Key: "on", Value: var value }:
                    onReplica = onReplica is null ? IsReplica(file, comment.Line, value) : throw Invalid(file, comment.Line, "a second '-- on:' for one query");
                    break;
                case { Key: var key }:
                    throw Invalid(file, comment.Line, $"unknown header '{key}': expected verify, expect, when, on, severity or timeout");
            }
        }

        RefuseHeaders(file, text, tokens.Skip(header.Count));
        var offset = LineBreaks(text, start);
        var statements = Statements(file, text[start..end], offset, dialect);
        var line = tokens.Count > 0 ? tokens[0].Line : 1;
        if (statements.Count == 0)
        {
            throw Invalid(file, line, $"'{name}' has no query");
        }

        if (statements.Count > 1)
        {
            throw Invalid(file, statements[1].Line + offset, $"a second statement under '{name}': each query begins with '-- verify:'");
        }

        if (expectation?.Form == ValidationForm.SameAsBefore && when == ValidationMoments.Before)
        {
            throw Invalid(file, line, $"'{name}' is expected to be the same as before, and is never asked after the migration: leave '-- when:' out");
        }

        return new ValidationQuery(name, file, statements[0].Line + offset, statements[0].Text, expectation ?? ValidationExpectation.Unstated)
        {
            Warns = warns == true,
            Timeout = timeout,
            When = when ?? ValidationMoments.After,
            OnReplica = onReplica == true,
            Table = expectation?.TableFile is { } table ? Table(file, line, table, beside) : null,
        };
    }

    // Within the folder, where the approval of a plan covers every such file.
    private static ExpectedTable Table(string file, int line, string name, Func<string, ReadOnlyMemory<byte>?>? beside)
    {
        if (Path.IsPathRooted(name) || name.Split('/', '\\').Contains("..", StringComparer.Ordinal))
        {
            throw Invalid(file, line, $"'{name}' lies outside of the folder of the script");
        }

        return ExpectedTable.Parse(name, beside?.Invoke(name) ?? throw Invalid(file, line, $"'{name}' does not lie beside the script"));
    }

    private static ReadOnlyMemory<byte>? Beside(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? SqlFile.At(path).Content : default(ReadOnlyMemory<byte>?);
    }

    private static ValidationMoments Moments(string file, int line, string value)
    {
        var moments = ValidationMoments.None;
        foreach (var word in value.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            moments |= word.ToUpperInvariant() switch
            {
                "PRE" => ValidationMoments.Before,
                "POST" => ValidationMoments.After,
                _ => throw Invalid(file, line, $"unknown moment '{word}': expected pre, post or pre,post"),
            };
        }

        return moments == ValidationMoments.None ? throw Invalid(file, line, "'-- when:' needs pre, post or pre,post") : moments;
    }

    private static bool IsReplica(string file, int line, string value) => value.ToUpperInvariant() switch
    {
        "REPLICA" => true,
        "PRIMARY" => false,
        _ => throw Invalid(file, line, $"unknown server '{value}': expected primary or replica"),
    };

    private static bool Warns(string file, int line, string value) => value.ToUpperInvariant() switch
    {
        "WARN" => true,
        "ERROR" => false,
        _ => throw Invalid(file, line, $"unknown severity '{value}': expected error or warn"),
    };

    private static TimeSpan Time(string file, int line, string value)
    {
        var form = TimeForm.Match(value);
        var unit = form.Groups["unit"].Value.ToUpperInvariant() switch { "MS" => TimeSpan.FromMilliseconds(1), "S" => TimeSpan.FromSeconds(1), _ => TimeSpan.FromMinutes(1) };
        return form.Success && int.TryParse(form.Groups["number"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number * unit
            : throw Invalid(file, line, $"unknown time '{value}': expected such as 500ms, 30s or 2min");
    }

    private static List<SqlStatement> Statements(string file, string text, int linesBefore, SqlDialect dialect)
    {
        try
        {
            return [.. SqlStatements.Read(text, dialect)];
        }
        catch (SqlScriptException e)
        {
            throw Invalid(file, e.Line + linesBefore, e.What.TrimEnd('.'));
        }
    }

    // Among statements an unknown word is a remark; a known one was meant as a header and would be lost.
    private static void RefuseHeaders(string file, string text, IEnumerable<SqlToken> tokens)
    {
        foreach (var token in tokens)
        {
            if (Header(token, text) is { Key: "expect" or "verify" or "severity" or "timeout" or "when" or "on" })
            {
                throw Invalid(file, token.Line, $"'{token.Text.TrimEnd()}' must stand between '-- verify:' and its query");
            }
        }
    }

    private static void RefuseSameNames(string file, List<ValidationQuery> queries)
    {
        var again = queries.GroupBy(query => query.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1)?.Last();
        if (again is not null)
        {
            throw Invalid(file, again.Line, $"'{again.Name}' is the name of two queries");
        }
    }

    private static (string Key, string Value)? Header(SqlToken token, string text)
    {
        if (token.Kind != SqlTokenKind.LineComment || !BeginsItsLine(token.Offset, text))
        {
            return null;
        }

        var form = HeaderForm.Match(token.Text);
        return form.Success ? (form.Groups["key"].Value.ToLowerInvariant(), form.Groups["value"].Value) : null;
    }

    // Only behind a word that says how a query is asked: in a name or an expectation such a word is a part of it.
    private static List<(string Key, string Value)> Headers(SqlToken token, string text)
    {
        var headers = new List<(string Key, string Value)>();
        for (var left = Header(token, text); left is { } header;)
        {
            var next = header.Key is "severity" or "timeout" or "when" or "on" ? NextForm.Match(header.Value) : Match.Empty;
            headers.Add(next.Success ? (header.Key, header.Value[..next.Index].TrimEnd()) : header);
            left = next.Success ? (next.Groups["key"].Value.ToLowerInvariant(), header.Value[(next.Index + next.Length)..].Trim()) : null;
        }

        return headers;
    }

    private static bool BeginsItsLine(int offset, string text)
    {
        var start = offset == 0 ? 0 : text.LastIndexOf('\n', offset - 1) + 1;
        return text.AsSpan(start, offset - start).IsWhiteSpace();
    }

    private static int LineBreaks(string text, int end) => text.AsSpan(0, end).Count('\n');

    private static ValidationExpectation Expectation(string file, int line, string value) =>
        ValidationExpectation.TryParse(value)
        ?? throw Invalid(file, line, $"unknown expectation '{value}': expected no rows, rows 3, 42, >= 1000, true, false, same as before, same as before ±0.1%, table name.csv or runs");

    private static DeployOpsException Invalid(string file, int line, string what) =>
        new("ValidationFileInvalid", FaultKind.InvalidData, $"{file}:{line}: {what}.", "Correct the file.") { Target = file };
}
