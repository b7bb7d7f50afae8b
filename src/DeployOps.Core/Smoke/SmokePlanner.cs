using DeployOps.Smoke.Running;
using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke;

/// <summary>Says what would run, and finds the variables nobody sets. Sends nothing.</summary>
public static class SmokePlanner
{
    /// <summary>The longest list of requests shown for a file, in characters.</summary>
    private const int LongestMessage = 200;

    /// <summary>One planned check for each file, in order.</summary>
    /// <param name="files">The smoke files.</param>
    /// <param name="variables">The variables they are given: texts, numbers, booleans, null.</param>
    /// <param name="redact">Takes known secrets out of a text before it is cut; null takes nothing out.</param>
    /// <exception cref="DeployOpsException">
    /// <c>SmokeVariableUndefined</c>: a file uses a variable that neither <paramref name="variables"/> nor an earlier line sets.
    /// <c>SmokeVariableInvalid</c>: a variable's name or type cannot be used.
    /// </exception>
    public static IReadOnlyList<SmokeCheck> Plan(IReadOnlyList<HurlFile> files, IReadOnlyDictionary<string, object?> variables, Func<string, string>? redact = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        Check(files, SmokeVariables.From(variables));
        return
        [
            .. files.Select(file => new SmokeCheck(file.Name, file.Path, SmokeOutcome.Planned)
            {
                Requests = file.Requests,
                Message = SmokeText.Cut(Redacted(string.Join(", ", file.Entries.Select(static entry => $"{entry.Request.Method} {entry.Request.Url}"))), LongestMessage),
            }),
        ];

        string Redacted(string text) => redact?.Invoke(text) ?? text;
    }

    /// <summary>Refuses files with variables that nobody sets; all of them at once.</summary>
    internal static void Check(IReadOnlyList<HurlFile> files, SmokeVariables variables)
    {
        var unknown = files.SelectMany(file => Undefined(file, variables.Names)).ToList();
        if (unknown.Count > 0)
        {
            throw new DeployOpsException(
                "SmokeVariableUndefined",
                FaultKind.InvalidData,
                string.Join(Environment.NewLine, unknown),
                "Set it with 'variable:' in [Options], capture it in an earlier request, or give it to Test-Smoke -Path with -Variable.");
        }
    }

    private static IEnumerable<string> Undefined(HurlFile file, IEnumerable<string> given)
    {
        var known = given.ToHashSet(StringComparer.Ordinal);
        foreach (var entry in file.Entries)
        {
            foreach (var (use, defines) in Uses(entry))
            {
                if (use is not null && !known.Contains(use.Text))
                {
                    var nearest = NearestWord.Find(use.Text, known);
                    yield return $"{file.Path}:{use.Position} variable '{use.Text}' is not defined{(nearest is null ? "" : $"; the nearest known one is '{nearest}'")}.";
                }

                if (defines is not null)
                {
                    known.Add(defines);
                }
            }
        }
    }

    /// <summary>What an entry uses and sets, in the order it is performed.</summary>
    private static IEnumerable<(HurlTemplatePart? Use, string? Defines)> Uses(HurlEntry entry) =>
    [
        .. entry.Request.Options.Variables.SelectMany(static variable => Then(variable.Text?.Variables ?? [], variable.Name)),
        .. Then(entry.Request.Templates.SelectMany(static template => template.Variables), null),
        .. Then((entry.Response?.Headers ?? []).SelectMany(static header => header.Templates).SelectMany(static template => template.Variables), null),
        .. (entry.Response?.Captures ?? []).SelectMany(static capture => Then(capture.Query.Variables, capture.Name)),
        .. Then((entry.Response?.Asserts ?? []).SelectMany(static assert => assert.Variables), null),
    ];

    private static IEnumerable<(HurlTemplatePart? Use, string? Defines)> Then(IEnumerable<HurlTemplatePart> uses, string? defines) =>
        [.. uses.Select(static use => ((HurlTemplatePart?)use, (string?)null)), (null, defines)];
}
