using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DeployOps.Journal;

/// <summary>Writes every time in UTC with a Z, as a line's own time is written, so that the text of two times compares as the times do.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));

    /// <summary><c>2026-03-05T12:00:05.1200000Z</c>.</summary>
    internal static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
