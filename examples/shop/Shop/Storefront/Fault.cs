namespace Shop.Storefront;

/// <summary>What a release does wrong on purpose, so that a rehearsal can show how it is caught.</summary>
internal enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Every checkout answers 500.</summary>
    CheckoutFails,

    /// <summary>Every answer comes late.</summary>
    Slow,

    /// <summary>The process ends before it listens.</summary>
    CrashOnStart,

    /// <summary>The version that is served is not the one that was deployed.</summary>
    WrongVersion,

    /// <summary>A fifth of the pages answer 500, beginning when the instance has carried traffic for ten seconds.</summary>
    LateErrors,

    /// <summary>Every second checkout ends without an order and without an error, beginning when the instance has carried traffic for ten seconds.</summary>
    FewerOrders,

    /// <summary>Pages are served as ever, and some log an error that no release has logged before.</summary>
    NewErrors,
}
