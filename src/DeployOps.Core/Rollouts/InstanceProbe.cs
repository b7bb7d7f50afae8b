using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using DeployOps.Gates;
using DeployOps.Health;

namespace DeployOps.Rollouts;

/// <summary>Asks one instance, past the router, whether it is healthy and which version it serves.</summary>
public sealed class InstanceProbe(HttpAsker asker, TimeProvider timeProvider)
{
    private const int BodyLimit = 65_536;

    /// <summary>A version is a short word; longer text is a page of something else.</summary>
    private const int LongestVersion = 100;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks until the instance is healthy <see cref="RolloutSpec.Consecutive"/> times in a row, at most for <see cref="RolloutSpec.HealthTimeout"/>.</summary>
    public Task<GateResult> HealthAsync(InstanceSpec instance, RolloutSpec rollout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        return HealthAsync(instance, rollout, rollout.HealthTimeout, cancellationToken);
    }

    /// <summary>Asks the same within another time, such as 0 for an instance that ought to be healthy already.</summary>
    public Task<GateResult> HealthAsync(InstanceSpec instance, RolloutSpec rollout, TimeSpan deadline, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(rollout);
        var probe = new ProbeSpec
        {
            Name = HealthName(instance),
            Uri = new Uri(instance.Uri, rollout.Health),
            Consecutive = rollout.Consecutive,
            Interval = Interval,
            Timeout = AnswerTimeout,
        };
        return new HealthProbe(asker, timeProvider).AskAsync(probe, deadline, cancellationToken);
    }

    /// <summary>What the question for an instance's health is called.</summary>
    internal static string HealthName(InstanceSpec instance) => $"health of {instance.Name}";

    /// <summary>What the question for an instance's version is called.</summary>
    internal static string VersionName(InstanceSpec instance) => $"version of {instance.Name}";

    /// <summary>Asks once which version answers: JSON with a <c>version</c> property, or plain text.</summary>
    /// <param name="uri">The instance's own address, or the router's.</param>
    /// <param name="path">The path that answers the version.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ServedVersion> VersionAsync(Uri uri, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uri);
        var address = new Uri(uri, path);
        var answer = await asker.GetAsync(address, AnswerTimeout, BodyLimit, cancellationToken);
        return answer.IsOk
            ? Read(answer, address)
            : new ServedVersion(null, $"{HttpAsker.Show(address)}: {answer.Words}");
    }

    /// <summary>Whether an instance serves the version it shall serve. No telling is Fail, like another version.</summary>
    public async Task<GateResult> VersionGateAsync(InstanceSpec instance, RolloutSpec rollout, string expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(rollout);
        var served = await VersionAsync(instance.Uri, rollout.Version, cancellationToken);
        var name = VersionName(instance);
        return served.Version == expected
            ? GateResult.Pass(name, $"serves {expected}")
            : GateResult.Fail(name, served.Version is null ? $"expected {expected}; {served.Reason}" : $"serves {served.Version}, expected {expected}");
    }

    /// <summary>
    /// Whether an instance is stopped: nobody listens at its address. An answer of any status is Fail, since what is ill still runs;
    /// silence is Unknown.
    /// </summary>
    public async Task<GateResult> StoppedAsync(InstanceSpec instance, RolloutSpec rollout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(rollout);
        var answer = await asker.GetAsync(new Uri(instance.Uri, rollout.Version), AnswerTimeout, BodyLimit, cancellationToken);
        var name = $"{instance.Name} stopped";
        return answer switch
        {
            { IsRefused: true } => GateResult.Pass(name, $"{instance.Name} does not run: {answer.Words}"),
            { Status: not null } => GateResult.Fail(name, $"{instance.Name} still answers: {answer.Words}"),
            _ => GateResult.Unknown(name, $"{instance.Name}: {answer.Words}"),
        };
    }

    private static ServedVersion Read(HttpAnswer answer, Uri address)
    {
        var text = Encoding.UTF8.GetString(answer.Body.Span).Trim().TrimStart('\uFEFF');
        try
        {
            var version = text.StartsWith('{') ? JsonVersion(text) : text;
            return IsVersion(version)
                ? new ServedVersion(version, null)
                : new ServedVersion(null, $"{HttpAsker.Show(address)} answered neither a version as text nor JSON with a version");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A text with half a character in it is refused as an operation.
            return new ServedVersion(null, $"{HttpAsker.Show(address)} answered JSON that is not whole");
        }
    }

    // The word that has the deploy script stop an instance is no version: going back to it would stop what carries the traffic.
    private static bool IsVersion([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= LongestVersion } && !text.Any(char.IsControl) && !text.StartsWith('<')
        && !text.Equals(DeployRequest.Stopped, StringComparison.OrdinalIgnoreCase);

    private static string? JsonVersion(string text)
    {
        using var json = JsonDocument.Parse(text);
        return json.RootElement.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String ? version.GetString() : null;
    }
}
