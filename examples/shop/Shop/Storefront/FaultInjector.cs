namespace Shop.Storefront;

/// <summary>Does what the release's fault says, and nothing in a good release.</summary>
internal sealed partial class FaultInjector(Release release, WarmUp warmUp, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(800);

    /// <summary>Counted from the first traffic: in a slow rollout the start of an instance may lie long before it, and the smoke tests behind.</summary>
    private static readonly TimeSpan GoodStart = TimeSpan.FromSeconds(10);

    /// <summary>When traffic began, as the clock's timestamp; 0 before it has.</summary>
    private long _traffic;
    private int _pages;
    private int _checkouts;

    /// <summary>Lets a request through, late or not at all.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        NoticeTraffic(context.Request.Path);
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

    private bool IsLate => Interlocked.Read(ref _traffic) is not 0 and var began && clock.GetElapsedTime(began) >= GoodStart;

    /// <summary>The first page after the warm-up is a customer's: nobody else asks an instance for pages before it has traffic.</summary>
    private void NoticeTraffic(PathString path)
    {
        if (warmUp.IsDone && IsPage(path))
        {
            Interlocked.CompareExchange(ref _traffic, clock.GetTimestamp(), 0);
        }
    }

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
