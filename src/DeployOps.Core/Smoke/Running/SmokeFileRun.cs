using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke.Running;

/// <summary>One run of one file, from its first request to its last or to the first that fails.</summary>
internal sealed class SmokeFileRun(HurlFile file, SmokeVariables variables, SmokeClient client, SmokeSecrets secrets, TimeProvider time)
{
    /// <summary>An answer to a request that asks for nothing is right below this.</summary>
    private const int FirstErrorStatus = 400;

    private readonly SmokePredicates predicates = new(variables, secrets);

    /// <summary>What there is to look at.</summary>
    public SmokeEvidence Evidence { get; } = new(secrets);

    /// <summary>Runs the file.</summary>
    /// <param name="number">The number of the attempt, from 1.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SmokeAttempt> RunAsync(int number, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        foreach (var entry in file.Entries)
        {
            if (await RunAsync(entry, cancellationToken) is { } fault)
            {
                return new SmokeAttempt(number, fault.Outcome, fault.Line, secrets.Redact(fault.Message), time.GetElapsedTime(start), client.Requests);
            }
        }

        return new SmokeAttempt(number, SmokeOutcome.Passed, 0, "", time.GetElapsedTime(start), client.Requests);
    }

    private async Task<SmokeFault?> RunAsync(HurlEntry entry, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            var fault = await TryAsync(entry, cancellationToken);
            if (fault is null)
            {
                Evidence.Passed();
                return null;
            }

            Evidence.Failed(fault.Line, fault.Message);
            if (tries == entry.Request.Options.Retry)
            {
                return tries == 0 ? fault : new SmokeFault(fault.Outcome, $"{fault.Message} (after {tries} retries)") { Line = fault.Line };
            }

            await Task.Delay(entry.Request.Options.RetryInterval, time, cancellationToken);
        }
    }

    private async Task<SmokeFault?> TryAsync(HurlEntry entry, CancellationToken cancellationToken)
    {
        var line = entry.Request.Position.Line;
        try
        {
            foreach (var variable in entry.Request.Options.Variables)
            {
                variables.Set(variable.Name, variable.Literal ?? SmokeValue.Of(variables.Render(variable.Text!)));
            }

            var answer = await client.SendAsync(entry.Request, variables, Evidence, cancellationToken);
            return entry.Response is null ? JudgeUnasked(answer, line) : Judge(entry.Response, answer);
        }
        catch (SmokeFault fault)
        {
            return At(fault, line);
        }
    }

    private static SmokeFault? JudgeUnasked(SmokeAnswer answer, int line) => answer.Status < FirstErrorStatus
        ? null
        : new SmokeFault(SmokeOutcome.Failed, $"{SmokeFault.StatusWord} actual {answer.Status}, expected below {FirstErrorStatus} since the request asks for nothing else") { Line = line };

    /// <summary>All that is wrong with an answer is counted; the first of it is told. A capture that fails ends the count, since asserts may use it.</summary>
    private SmokeFault? Judge(HurlResponse expected, SmokeAnswer answer)
    {
        var faults = new List<SmokeFault>();
        if (expected.Status is { } status && status != answer.Status)
        {
            faults.Add(new SmokeFault(SmokeOutcome.Failed, $"{SmokeFault.StatusWord} actual {answer.Status}, expected {status}") { Line = expected.Position.Line });
        }

        faults.AddRange(expected.Headers.Select(header => Guarded(header.Name.Position.Line, () => JudgeHeader(header, answer))).OfType<SmokeFault>());
        var uncaught = expected.Captures.Select(capture => Guarded(capture.Position.Line, () => Capture(capture, answer))).OfType<SmokeFault>().FirstOrDefault();
        faults.AddRange(uncaught is not null
            ? [uncaught]
            : expected.Asserts.Select(assert => Guarded(assert.Position.Line, () => JudgeAssert(assert, answer))).OfType<SmokeFault>());
        return faults.Count switch
        {
            0 => null,
            1 => faults[0],
            _ => new SmokeFault(faults[0].Outcome, $"{faults[0].Message} (and {faults.Count - 1} more)") { Line = faults[0].Line },
        };
    }

    private string? JudgeHeader(HurlField header, SmokeAnswer answer)
    {
        var name = variables.Render(header.Name);
        var value = variables.Render(header.Value);
        var values = answer.Values(name);
        return values.Contains(value, StringComparer.Ordinal)
            ? null
            : $"header {name}: actual {(values.Count == 0 ? "nothing" : string.Join(", ", values.Select(actual => SmokeValue.Of(actual).Show(secrets.Redact))))}, expected {SmokeValue.Of(value).Show(secrets.Redact)}";
    }

    private string? Capture(HurlCapture capture, SmokeAnswer answer)
    {
        var value = SmokeQueries.Ask(capture.Query, answer, variables);
        if (value.Kind == SmokeValueKind.Missing)
        {
            return $"capture {capture.Name}: {capture.Query.Source}: actual nothing, expected a value";
        }

        if (capture.Redact)
        {
            if (value.Render() is not { } secret)
            {
                return $"capture {capture.Name}: {capture.Query.Source}: only a single value can be redacted, not a list or an object";
            }

            secrets.Add(secret);
        }

        variables.Set(capture.Name, value);
        return null;
    }

    private string? JudgeAssert(HurlAssert assert, SmokeAnswer answer)
    {
        var failure = predicates.Judge(SmokeQueries.Ask(assert.Query, answer, variables), assert.Predicate);
        return failure is null ? null : $"{assert.Query.Source}: {failure}";
    }

    private static SmokeFault? Guarded(int line, Func<string?> judge)
    {
        try
        {
            return judge() is { } failure ? new SmokeFault(SmokeOutcome.Failed, failure) { Line = line } : null;
        }
        catch (SmokeFault fault)
        {
            return At(fault, line);
        }
    }

    private static SmokeFault At(SmokeFault fault, int line) => fault.Line > 0 ? fault : new SmokeFault(fault.Outcome, fault.Message) { Line = line };
}
