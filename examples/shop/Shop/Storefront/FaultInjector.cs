namespace Shop.Storefront;

/// <summary>Does what the release's fault says, and nothing in a good release.</summary>
internal sealed partial class FaultInjector(Release release, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan GoodStart = TimeSpan.FromSeconds(10);
    private readonly long _started = clock.GetTimestamp();
    private int _pages;
    private int _checkouts;

    /// <summary>Lets a request through, late or not at all.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (release.Fault == Fault.Slow)
        {
            await Task.Delay(Delay, clock, context.RequestAborted);
        }

        if (Breaks(context.Request.Path))
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync("This release has a fault.\n", context.RequestAborted);
            return;
        }

        if (release.Fault == Fault.FewerOrders && context.Request.Path == "/checkout" && IsLate && Interlocked.Increment(ref _checkouts) % 2 == 0)
        {
            context.Response.Headers.Location = "/";
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            return;
        }

        if (release.Fault == Fault.NewErrors && IsPage(context.Request.Path) && Interlocked.Increment(ref _pages) % 10 == 0)
        {
            LogStock(logger, _pages, -(_pages % 7));
        }

        await next(context);
    }

    private bool IsLate => clock.GetElapsedTime(_started) >= GoodStart;

    [LoggerMessage(LogLevel.Error, "Stock of product {Product} is negative: {Stock}.")]
    private static partial void LogStock(ILogger logger, int product, int stock);

    private bool Breaks(PathString path) => release.Fault switch
    {
        Fault.CheckoutFails => path == "/checkout",
        Fault.LateErrors => IsPage(path) && IsLate && Interlocked.Increment(ref _pages) % 5 == 0,
        _ => false,
    };

    private static bool IsPage(PathString path) => path != "/healthz" && path != "/version" && path != "/metrics";
}
