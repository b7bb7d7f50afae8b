using System.Text.Json.Serialization;

namespace Shop.Store;

/// <summary>An order as the shop tells it back.</summary>
/// <param name="Id">Its number.</param>
/// <param name="TotalCents">What it costs, in cents.</param>
/// <param name="Status">How far it is; null in releases before 2.4.0, which do not know it.</param>
internal sealed record PlacedOrder(long Id, long TotalCents, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Status);
