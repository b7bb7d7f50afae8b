namespace DeployOps.Smoke.Running;

/// <summary>The secrets one file has shown so far. What is written about it goes through here first.</summary>
internal sealed class SmokeSecrets(SmokeRunOptions options)
{
    private const string Mask = "***";

    private readonly List<string> known = [];

    /// <summary>Remembers a secret, and tells it to whoever keeps all of them.</summary>
    public void Add(string secret)
    {
        if (secret.Length == 0 || known.Contains(secret, StringComparer.Ordinal))
        {
            return;
        }

        known.Add(secret);
        options.OnSecret?.Invoke(secret);
    }

    /// <summary>The text without them.</summary>
    public string Redact(string text)
    {
        // Whoever keeps all of them first: a short secret may stand within a longer one that only he knows, and taken out of it would leave the rest unrecognised.
        var masked = options.Redact?.Invoke(text) ?? text;
        return known.OrderByDescending(static secret => secret.Length).Aggregate(masked, static (rest, secret) => rest.Replace(secret, Mask, StringComparison.Ordinal));
    }
}
