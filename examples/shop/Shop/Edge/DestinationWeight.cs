using System.Globalization;
using System.Text.Json;
using Yarp.ReverseProxy.Configuration;

namespace Shop.Edge;

/// <summary>A destination's share of the requests, as its metadata says it.</summary>
internal static class DestinationWeight
{
    private const string Key = "Weight";
    private const int Most = 1_000_000;

    /// <summary>Reads the weight, 0 to 1,000,000; 1 where none is written.</summary>
    /// <exception cref="JsonException">It is no such number.</exception>
    public static int Read(string name, DestinationConfig destination)
    {
        if (destination.Metadata is null || !destination.Metadata.TryGetValue(Key, out var text))
        {
            return 1;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) && weight <= Most
            ? weight
            : throw new JsonException($"Destination {name} has the weight '{text}': expected 0 to {Most}.");
    }
}
