using DeployOps.Reports;

namespace DeployOps.Core.Tests.Reports;

public sealed class ReportTextTests
{
    [Theory]
    [InlineData(-1, "0 s")]
    [InlineData(0, "0 s")]
    [InlineData(0.012, "12 ms")]
    [InlineData(0.24, "0.2 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(59.6, "1 min")]
    [InlineData(84, "1 min 24 s")]
    [InlineData(7200, "2 h")]
    [InlineData(7260, "2 h 1 min")]
    [InlineData(183_600, "2 d 3 h")]
    public void A_length_of_time_is_said_in_its_two_largest_units(double seconds, string words)
    {
        ReportText.Span(TimeSpan.FromSeconds(seconds)).ShouldBe(words);
    }

    [Fact]
    public void A_cut_never_splits_a_character()
    {
        var text = string.Concat(new string('x', 599), "👍", "rest");

        ReportText.Clip(text).ShouldStartWith(string.Concat(new string('x', 599), "…"));
    }

    [Theory]
    [InlineData(1023, "1,023 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(4_404_019, "4.2 MiB")]
    [InlineData(2_147_483_648, "2 GiB")]
    public void A_size_is_said_in_its_unit(long bytes, string words)
    {
        ReportText.Size(bytes).ShouldBe(words);
    }
}
