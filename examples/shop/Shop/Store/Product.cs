namespace Shop.Store;

/// <summary>Something the shop sells.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">What customers search for.</param>
/// <param name="PriceCents">Its price in cents.</param>
internal sealed record Product(long Id, string Name, long PriceCents);
