using CsCheck;

namespace DeployOps.Plans;

public sealed class NearestWordTests
{
    [Theory]
    [InlineData("DrainTimout", "DrainTimeout")]
    [InlineData("TimeoutDrain", null)]
    [InlineData("healht", "Health")]
    [InlineData("xy", null)]
    public void The_nearest_word_is_suggested_where_one_is_near(string written, string? expected)
        => NearestWord.Find(written, ["Health", "DrainTimeout", "Uri"]).ShouldBe(expected);

    [Fact]
    public void A_distance_is_the_same_both_ways_and_nothing_to_itself()
        => Gen.Select(Gen.String[Gen.Char["abc"], 0, 8], Gen.String[Gen.Char["abc"], 0, 8]).Sample((left, right) =>
            NearestWord.Distance(left, right) == NearestWord.Distance(right, left)
            && NearestWord.Distance(left, left) == 0
            && NearestWord.Distance(left, right) >= Math.Abs(left.Length - right.Length));
}
