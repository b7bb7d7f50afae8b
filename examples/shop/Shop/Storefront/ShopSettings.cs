using System.Text.Json;
using Shop.CommandLine;

namespace Shop.Storefront;

/// <summary>What whoever runs the shop chooses: it outlives a release, and a release may need more of it than the one before.</summary>
/// <param name="Name">What the shop is called.</param>
/// <param name="NewOrderStatus">The status of an order that was just placed; null where no release asked for one yet.</param>
internal sealed record ShopSettings(string Name, string? NewOrderStatus)
{
    /// <summary>Reads them for a release.</summary>
    /// <exception cref="UsageException">The file cannot be read, or lacks what this release needs.</exception>
    public static ShopSettings Read(string path, Release release)
    {
        try
        {
            using var file = JsonDocument.Parse(File.ReadAllText(path));
            var status = file.RootElement.TryGetProperty("newOrderStatus", out var named) ? named.GetString() : null;
            return release.NeedsOrderStatus && string.IsNullOrEmpty(status)
                ? throw new UsageException($"{path}: release {release.Version} needs newOrderStatus, for example \"placed\".")
                : new ShopSettings(file.RootElement.GetProperty("name").GetString()!, status);
        }
        catch (Exception exception) when (exception is IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new UsageException($"{path}: {exception.Message}");
        }
    }
}
