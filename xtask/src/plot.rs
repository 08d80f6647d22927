//! A picture of two curves over one amount: time and memory.

/// What is drawn.
pub struct Plot<'a> {
    pub title: &'a str,
    /// Each with the amount, milliseconds and megabytes.
    pub points: Vec<[f64; 3]>,
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 170.0;
const MARGIN: f64 = 60.0;

/// The picture: time above memory, each from zero.
pub fn svg(plot: &Plot) -> String {
    let curves = [(1, "ms", "#1f6feb"), (2, "MB", "#bf5700")];
    let panels = (0_u8..).zip(curves).map(|(place, (value, unit, color))| {
        let top = MARGIN / 2.0 + f64::from(place) * (HEIGHT + MARGIN);
        panel(plot, (value, unit, color), top)
    });
    let (width, height) = (WIDTH + 2.0 * MARGIN, 2.0 * (HEIGHT + MARGIN));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{}</svg>\n",
        panels.collect::<String>()
    )
}

fn panel(plot: &Plot, (value, unit, color): (usize, &str, &str), top: f64) -> String {
    let max =
        |at: usize| plot.points.iter().map(|point| point[at]).fold(f64::MIN_POSITIVE, f64::max);
    let (most, highest, bottom) = (max(0), 1.1 * max(value), top + HEIGHT);
    let place = |point: &[f64; 3]| {
        let (x, y) = (point[0] / most * WIDTH, point[value] / highest * HEIGHT);
        format!("{:.1},{:.1}", MARGIN + x, bottom - y)
    };
    let line: Vec<_> = plot.points.iter().map(place).collect();
    let (line, right, middle) = (line.join(" "), MARGIN + WIDTH, MARGIN + WIDTH / 2.0);
    format!(
        "<path d=\"M{MARGIN} {top}V{bottom}H{right}\" fill=\"none\" stroke=\"#888\"/>\n\
         <polyline points=\"{line}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>\n\
         <text x=\"{MARGIN}\" y=\"{}\">{highest:.1} {unit}</text>\n\
         <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n\
         <text x=\"{right}\" y=\"{}\" text-anchor=\"end\">{most}</text>\n",
        top - 4.0,
        bottom + 16.0,
        plot.title,
        bottom + 16.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_begins_at_zero_and_ends_at_the_right() {
        let points = vec![[0.0, 1.0, 2.0], [50.0, 1.0, 2.0], [100.0, 2.0, 2.0]];
        let picture = svg(&Plot { title: "calls", points });
        assert!(picture.contains("points=\"60.0,122.7 340.0,122.7 620.0,45.5\""), "{picture}");
        assert!(picture.contains(">2.2 ms<") && picture.contains(">100<"), "{picture}");
    }
}
