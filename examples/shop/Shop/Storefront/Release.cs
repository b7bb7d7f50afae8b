using System.Text.Json;
using Shop.CommandLine;

namespace Shop.Storefront;

/// <summary>Which release this folder holds: its version, and what is wrong with it.</summary>
/// <param name="Version">The version.</param>
/// <param name="Fault">The fault.</param>
internal sealed record Release(Version Version, Fault Fault)
{
    private static readonly Version FirstWithOrderStatus = new(2, 4, 0);
    private static readonly Version NeverReleased = new(2, 3, 9);

    /// <summary>Whether the release reads and writes <c>orders.status</c>.</summary>
    public bool NeedsOrderStatus => Version >= FirstWithOrderStatus;

    /// <summary>The version it says it is.</summary>
    public Version ServedVersion => Fault == Fault.WrongVersion ? NeverReleased : Version;

    /// <summary>Reads <c>release.json</c> from a release's folder.</summary>
    /// <exception cref="UsageException">The file is missing or says something else than a version and a known fault.</exception>
    public static Release Read(string folder)
    {
        var path = Path.Combine(folder, "release.json");
        try
        {
            using var file = JsonDocument.Parse(File.ReadAllText(path));
            var fault = file.RootElement.TryGetProperty("fault", out var named) ? named.GetString() : null;
            return new Release(Version.Parse(file.RootElement.GetProperty("version").GetString()!), ReadFault(fault));
        }
        catch (Exception exception) when (exception is IOException or JsonException or KeyNotFoundException or FormatException or ArgumentException or InvalidOperationException)
        {
            throw new UsageException($"{path}: {exception.Message}");
        }
    }

    private static Fault ReadFault(string? name) => name switch
    {
        null or "" => Fault.None,
        "checkout-500" => Fault.CheckoutFails,
        "slow" => Fault.Slow,
        "crash-on-start" => Fault.CrashOnStart,
        "wrong-version" => Fault.WrongVersion,
        "late-errors" => Fault.LateErrors,
        "fewer-orders" => Fault.FewerOrders,
        "new-errors" => Fault.NewErrors,
        _ => throw new FormatException($"fault '{name}': expected checkout-500, slow, crash-on-start, wrong-version, late-errors, fewer-orders or new-errors."),
    };
}
