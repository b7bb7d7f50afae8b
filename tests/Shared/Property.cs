using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using CsCheck;

namespace DeployOps.Tests.Shared;

/// <summary>What holds for whatever comes in: tried on 10,000 random cases, on 1,000,000 with DEPLOYOPS_FULL=1, none of which may take more than a second.</summary>
internal static class Property
{
    private static readonly int Cases = Environment.GetEnvironmentVariable("DEPLOYOPS_FULL") == "1" ? 1_000_000 : 10_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Tries it; a case that fails is made small and thrown with its seed.</summary>
    public static void Holds<T>(Gen<T> cases, Func<T, bool> holds, [CallerMemberName] string name = "")
    {
        var longest = 0L;
        cases.Sample(
            value =>
            {
                // A busy machine may hold up any case; one that is slow by itself is slow again.
                for (var attempt = 1; ; attempt++)
                {
                    var start = Stopwatch.GetTimestamp();
                    var answer = holds(value);
                    var elapsed = Stopwatch.GetElapsedTime(start);
                    if (!answer || elapsed < Longest)
                    {
                        InterlockedMax(ref longest, elapsed.Ticks);
                        return answer;
                    }

                    if (attempt == 3)
                    {
                        throw new TimeoutException($"A case took {elapsed}, and more than {Longest} three times.");
                    }
                }
            },
            iter: Cases,
            threads: 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {Cases} cases, the longest took {TimeSpan.FromTicks(longest).TotalMilliseconds:0} ms"));
    }

    private static void InterlockedMax(ref long most, long value)
    {
        if (value > Interlocked.Read(ref most))
        {
            Interlocked.Exchange(ref most, value);
        }
    }
}
