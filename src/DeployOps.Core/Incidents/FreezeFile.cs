using System.Text.Json;

namespace DeployOps.Incidents;

/// <summary>
/// A file that somebody puts in place to keep everybody from releasing: <c>{ "reason": "the payment provider is down", "until": "2026-11-25T18:00:00Z" }</c>.
/// No file is no freeze, and one whose time is over is none any more; one that cannot be read or understood tells nothing. Upper and lower case of the name do not count on any system:
/// who writes <c>Freeze.json</c> means it.
/// </summary>
public sealed class FreezeFile(IncidentSpec spec, TimeProvider timeProvider) : IIncidentSource
{
    /// <summary>More than any reason needs, in bytes: what is larger is no freeze file.</summary>
    private const int LargestFile = 65_536;

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>FreezeFileUnreadable</c>.</exception>
    public async Task<IReadOnlyList<Incident>> FindOpenAsync(CancellationToken cancellationToken)
    {
        var path = spec.Path!;
        try
        {
            // A folder that is gone, such as a share that is not mounted, is not a folder without the file.
            var folder = Path.GetDirectoryName(path)!;
            var found = new List<Incident>();
            foreach (var file in Directory.EnumerateFileSystemEntries(folder).Where(entry => entry.Equals(path, StringComparison.OrdinalIgnoreCase)))
            {
                var (reason, until) = Parse(await ReadAsync(file, cancellationToken));
                if (until > timeProvider.GetUtcNow())
                {
                    found.Add(new Incident(spec.Name, $"{reason} (until {until.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC)"));
                }
            }

            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new DeployOpsException(
                "FreezeFileUnreadable",
                FaultKind.InvalidData,
                $"Whether {path} freezes releases cannot be told: {e.Message}",
                """It reads as { "reason": "why", "until": "2026-11-25T18:00:00Z" }; mend it, or remove it where nothing is frozen.""",
                e);
        }
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length > LargestFile)
        {
            throw new FormatException($"it has {file.Length} bytes, and no freeze file has more than {LargestFile}.");
        }

        using var copy = new MemoryStream();
        await file.CopyToAsync(copy, cancellationToken);

        return copy.ToArray();
    }

    private static (string Reason, DateTimeOffset Until) Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json.AsMemory(json is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0));
        var root = document.RootElement;
        var reason = root.GetProperty("reason").GetString();
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new FormatException("it gives no reason.");
        }

        var until = root.GetProperty("until");
        return until.GetDateTime().Kind != DateTimeKind.Unspecified
            ? (reason, until.GetDateTimeOffset())
            : throw new FormatException("its 'until' does not say of which time zone it is; let it end in Z, or in an offset such as +01:00.");
    }
}
