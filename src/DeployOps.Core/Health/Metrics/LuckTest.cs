namespace DeployOps.Health.Metrics;

/// <summary>
/// The chance that a difference is luck alone: exact one-sided tests on counts, conditional on their total, so that no rate need be known.
/// They answer for events that happen independently of each other; events that come in bursts differ more than this says, which is why a ratio to
/// the baseline and a margin must be exceeded as well.
/// </summary>
internal static class LuckTest
{
    /// <summary>Below this a difference is not taken for luck: small, because an hour's watch asks sixty times.</summary>
    public const double Threshold = 1e-4;

    /// <summary>
    /// The chance of at least so many hits among the events now, if then and now had the same ratio. Given h hits in N events then and k in n now,
    /// the hits now follow a hypergeometric law: P(X >= k) = sum over i from k of C(h+k, i) C(N+n-h-k, n-i) / C(N+n, n).
    /// Source: R. A. Fisher, Statistical Methods for Research Workers, the exact test of a 2 x 2 table.
    /// </summary>
    public static double OfMoreHits(double hitsNow, double eventsNow, double hitsThen, double eventsThen)
    {
        var n = Math.Round(eventsNow);
        var k = Math.Min(Math.Round(hitsNow), n);
        var all = n + Math.Round(eventsThen);
        var hits = k + Math.Min(Math.Round(hitsThen), Math.Round(eventsThen));
        if (all <= 0 || k * all <= hits * n)
        {
            return 1;
        }

        var tail = 0.0;
        var whole = LogChoose(all, n);
        for (var i = k; i <= Math.Min(n, hits); i++)
        {
            var term = Math.Exp(LogChoose(hits, i) + LogChoose(all - hits, n - i) - whole);
            tail += term;
            if (term <= tail * 1e-12)
            {
                break;
            }
        }

        return Math.Min(1, tail);
    }

    /// <summary>
    /// The chance of so few events now, if then and now had the same rate. Given their total, the events now follow a binomial law with
    /// p = time now / (time now + time then): P(X &lt;= k) = sum over i up to k of C(k+K, i) p^i (1-p)^(k+K-i).
    /// Source: J. Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson series, Biometrika 31 (1940).
    /// </summary>
    public static double OfFewerEvents(double eventsNow, TimeSpan now, double eventsThen, TimeSpan then)
    {
        var k = Math.Round(eventsNow);
        var all = k + Math.Round(eventsThen);
        var p = now / (now + then);
        if (all <= 0 || k >= all * p)
        {
            return 1;
        }

        var tail = 0.0;
        for (var i = k; i >= 0; i--)
        {
            var term = Math.Exp(LogChoose(all, i) + (i * Math.Log(p)) + ((all - i) * Math.Log(1 - p)));
            tail += term;
            if (term <= tail * 1e-12)
            {
                break;
            }
        }

        return Math.Min(1, tail);
    }

    /// <summary>
    /// The logarithm of the gamma function for x > 0, by Stirling's series after moving x beyond 15, where its error is below 1e-15.
    /// Source: NIST Digital Library of Mathematical Functions, 5.11.1 and 5.5.1.
    /// </summary>
    public static double LogGamma(double x)
    {
        var shift = 0.0;
        while (x < 15)
        {
            shift += Math.Log(x);
            x++;
        }

        var square = 1 / (x * x);
        var series = ((1 / 12.0) - (square * ((1 / 360.0) - (square * ((1 / 1260.0) - (square * ((1 / 1680.0) - (square / 1188.0)))))))) / x;
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series - shift;
    }

    private static double LogChoose(double n, double k) => LogGamma(n + 1) - LogGamma(k + 1) - LogGamma(n - k + 1);
}
