//! Helpers without threads: each does what it is told at once, in this program.

use std::cell::RefCell;
use std::rc::Rc;

use headscope::session::{Answer, Order, Question, Share, Team};

/// Helpers of one engine, and how often each was asked.
#[derive(Debug)]
pub struct InProcess {
    shares: Vec<RefCell<Share>>,
    asked: RefCell<Vec<usize>>,
    least_elements: usize,
}

impl InProcess {
    /// Helpers between which every matrix is divided that has columns for all.
    pub fn new(helpers: usize) -> Rc<Self> {
        Self::from_size(helpers, 0)
    }

    /// Helpers between which matrices of at least so many elements are divided.
    pub fn from_size(helpers: usize, least_elements: usize) -> Rc<Self> {
        let shares = (0..helpers).map(|_| RefCell::default()).collect();
        Rc::new(InProcess { shares, asked: RefCell::new(vec![0; helpers]), least_elements })
    }

    /// How often each was asked since the last time.
    pub fn take_asked(&self) -> Vec<usize> {
        self.asked.replace(vec![0; self.shares.len()])
    }

    /// How many matrices each holds columns of.
    pub fn held(&self) -> Vec<usize> {
        self.shares.iter().map(|share| share.borrow().len()).collect()
    }
}

impl Team for InProcess {
    fn helpers(&self) -> usize {
        self.shares.len()
    }

    fn least_elements(&self) -> usize {
        self.least_elements
    }

    fn tell(&self, helper: usize, order: Order) {
        self.shares[helper].borrow_mut().follow(order);
    }

    fn ask(&self, helper: usize, question: Question) -> Answer {
        self.asked.borrow_mut()[helper] += 1;
        let answer = self.shares[helper].borrow().answer(&question);
        Box::pin(async { answer })
    }
}
